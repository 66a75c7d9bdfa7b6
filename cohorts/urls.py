"""URLs of the app."""

app_name = "cohorts"
urlpatterns: list = []
