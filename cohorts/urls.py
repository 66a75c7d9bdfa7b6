"""URLs of the app, subject by subject."""

from django.urls import include, path

app_name = "cohorts"
urlpatterns = [
    path("", include("cohorts.referral.urls")),
    path("", include("cohorts.practice.urls")),
    path("", include("cohorts.procedure.urls")),
    path("", include("cohorts.training.urls")),
    path("", include("cohorts.review.urls")),
    path("", include("cohorts.penalty.urls")),
    path("", include("cohorts.measure.urls")),
    path("", include("cohorts.question.urls")),
    path("", include("cohorts.alert.urls")),
    path("", include("cohorts.report.urls")),
    path("", include("cohorts.indicator.urls")),
]
