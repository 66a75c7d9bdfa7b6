"""URLs of findings."""

from django.urls import path

from assessments.supervision import sheet_views, views

urlpatterns = [
    path("findings/", views.Findings.as_view(), name="findings"),
    path("findings/new/", views.NewFinding.as_view(), name="finding_new"),
    path("findings/gaps/", views.Gaps.as_view(), name="finding_gaps"),
    path("findings/sheet/", sheet_views.FindingsSheet.as_view(), name="finding_sheet"),
    path("findings/<uuid:public_id>/", views.OneFinding.as_view(), name="finding"),
    path("findings/<uuid:public_id>/correct/", views.Correct.as_view(), name="finding_correct"),
    path("findings/<uuid:public_id>/photo/", views.Photo.as_view(), name="finding_photo"),
]
