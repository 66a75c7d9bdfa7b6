"""URLs of the app, subject by subject."""

from django.urls import include, path

from cohorts.alert.views import Alerts
from cohorts.report.views import CohortFile, CohortReport

app_name = "cohorts"
urlpatterns = [
    path("", include("cohorts.referral.urls")),
    path("", include("cohorts.practice.urls")),
    path("", include("cohorts.procedure.urls")),
    path("", include("cohorts.training.urls")),
    path("", include("cohorts.review.urls")),
    path("", include("cohorts.penalty.urls")),
    path("", include("cohorts.measure.urls")),
    path("alerts/", Alerts.as_view(), name="alerts"),
    path("reports/cohort/", CohortReport.as_view(), name="report"),
    path("reports/cohort/<uuid:public_id>/", CohortFile.as_view(), name="report_file"),
]
