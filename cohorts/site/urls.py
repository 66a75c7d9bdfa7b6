"""URLs of home, search, help and health."""

from django.urls import path

from cohorts.site.help import Help
from cohorts.site.minutes import Minutes
from cohorts.site.search import Search
from cohorts.site.views import Home, healthz

app_name = "site"
urlpatterns = [
    path("", Home.as_view(), name="home"),
    path("search/", Search.as_view(), name="search"),
    path("minutes/", Minutes.as_view(), name="minutes"),
    path("help/<slug:name>/", Help.as_view(), name="help"),
    path("healthz", healthz, name="healthz"),
]
