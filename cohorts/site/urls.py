"""URLs of home and health."""

from django.urls import path

from cohorts.site.views import Home, healthz

app_name = "site"
urlpatterns = [path("", Home.as_view(), name="home"), path("healthz", healthz, name="healthz")]
