"""URLs of the app."""

from django.urls import path

from assessments.criteria import views

app_name = "assessments"
urlpatterns = [
    path("criteria/", views.Criteria.as_view(), name="criteria"),
    path("criteria/<uuid:public_id>/approve/", views.Approve.as_view(), name="approve"),
]
