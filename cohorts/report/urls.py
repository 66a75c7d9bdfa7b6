"""URLs of reports."""

from django.urls import path

from cohorts.report import views

urlpatterns = [
    path("reports/cohort/", views.CohortReport.as_view(), name="report"),
    path("reports/cohort/export/", views.Export.as_view(), name="report_export"),
    path("reports/exports/", views.Exports.as_view(), name="report_exports"),
]
