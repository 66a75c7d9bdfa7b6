"""URLs of the house: each app, and each subject in it, brings its own."""

from django.contrib.auth.decorators import login_not_required
from django.urls import include, path
from django.views.i18n import set_language

urlpatterns = [
    path("language/", login_not_required(set_language), name="set_language"),
    path("", include("cohorts.site.urls")),
    path("", include("accounts.urls")),
    path("", include("assessments.urls")),
    path("", include("cohorts.urls")),
]
