"""URLs of the app."""

app_name = "site"
urlpatterns: list = []
