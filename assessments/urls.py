"""URLs of the app."""

from django.urls import include, path

from assessments.criteria import edition_views, views

app_name = "assessments"
urlpatterns = [
    path("", include("assessments.evidence.urls")),
    path("", include("assessments.task.urls")),
    path("", include("assessments.supervision.urls")),
    path("", include("assessments.points.urls")),
    path("", include("assessments.ballot.urls")),
    path("", include("assessments.panel.urls")),
    path("criteria/", views.Criteria.as_view(), name="criteria"),
    path("criteria/<uuid:public_id>/approve/", edition_views.Approve.as_view(), name="approve"),
    path("criteria/<uuid:public_id>/copy/", edition_views.Copy.as_view(), name="edition_copy"),
    path("criteria/<uuid:public_id>/edit/", edition_views.EditEdition.as_view(), name="edition_edit"),
    path("criteria/<uuid:public_id>/hand-in/", edition_views.HandIn.as_view(), name="edition_hand_in"),
    path("criteria/<uuid:public_id>/add/", edition_views.EditCriterion.as_view(), name="criterion_add"),
    path("criteria/<uuid:public_id>/<str:code>/edit/", edition_views.EditCriterion.as_view(), name="criterion_edit"),
    path(
        "criteria/<uuid:public_id>/<str:code>/remove/", edition_views.RemoveCriterion.as_view(), name="criterion_remove"
    ),
]
