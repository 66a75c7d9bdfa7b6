"""URLs of unit measures; a measure's own page and its steps stand with the procedure."""

from django.urls import path

from cohorts.measure import views

urlpatterns = [
    path("measures/", views.Measures.as_view(), name="measures"),
    path("measures/new/", views.NewMeasure.as_view(), name="measure_new"),
    path("measures/<uuid:public_id>/sheet/", views.InterviewSheet.as_view(), name="measure_sheet"),
    path("measures/<uuid:public_id>/file/", views.MeasureFile.as_view(), name="measure_file"),
    path("measures/units/<uuid:public_id>/", views.UnitRecord.as_view(), name="measure_record"),
]
