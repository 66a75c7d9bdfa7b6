"""URLs of the heads' first indicator and of the mirror."""

from django.urls import path

from cohorts.indicator import views

urlpatterns = [
    path("indicator/", views.Indicators.as_view(), name="indicator"),
    path("indicator/resolutions/", views.Resolutions.as_view(), name="resolutions"),
    path("indicator/hand-over/", views.HandOver.as_view(), name="indicator_hand_over"),
    path("indicator/units/<uuid:public_id>/", views.UnitIndicator.as_view(), name="indicator_unit"),
    path("mirror/", views.Mirror.as_view(), name="mirror"),
]
