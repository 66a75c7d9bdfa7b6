"""URLs of the app, subject by subject."""

from django.urls import include, path

from cohorts.training.views import NewCohort

app_name = "cohorts"
urlpatterns = [
    path("", include("cohorts.referral.urls")),
    path("", include("cohorts.procedure.urls")),
    path("cohorts/new/", NewCohort.as_view(), name="cohort_new"),
    path("", include("cohorts.alert.urls")),
    path("", include("cohorts.report.urls")),
]
