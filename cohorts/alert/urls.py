"""URLs of alerts and of the call list."""

from django.urls import path

from cohorts.alert import ladder_views, views
from cohorts.procedure.views import StepPage

urlpatterns = [
    path("alerts/", views.Alerts.as_view(), name="alerts"),
    path("alerts/scan/", views.ScanNow.as_view(), name="alert_scan"),
    path("alerts/calls/", views.Calls.as_view(), name="calls"),
    path("alerts/calls/sheet/", views.CallSheet.as_view(), name="call_sheet"),
    path("alerts/calls/<uuid:public_id>/", views.Call.as_view(), name="call"),
    path("alerts/<uuid:public_id>/", views.AlertPage.as_view(), name="alert"),
    path("alerts/<uuid:public_id>/call/", ladder_views.Ring.as_view(), name="alert_call"),
    path("alerts/<uuid:public_id>/measure/<slug:kind>/", ladder_views.TakeMeasure.as_view(), name="alert_measure"),
    path("measures/<uuid:public_id>/circular/", ladder_views.CircularDraft.as_view(), name="measure_circular"),
    path("alerts/<uuid:public_id>/do/<slug:action>/", StepPage.as_view(subject_kind="alerts"), name="alert_step"),
]
