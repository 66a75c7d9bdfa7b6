"""URLs of the house: each app, and each subject in it, brings its own."""

from django.urls import include, path

urlpatterns = [
    path("", include("cohorts.site.urls")),
    path("", include("accounts.urls")),
    path("", include("assessments.urls")),
    path("", include("cohorts.urls")),
]
