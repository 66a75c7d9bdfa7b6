"""URLs of the subject."""

from django.urls import path

from assessments.ballot import views

urlpatterns = [
    path("ballots/", views.Ballots.as_view(), name="ballots"),
    path("ballots/new/", views.NewBallot.as_view(), name="ballot_new"),
    path("ballots/<uuid:public_id>/", views.OneBallot.as_view(), name="ballot"),
    path("ballots/<uuid:public_id>/vote/", views.Vote.as_view(), name="ballot_vote"),
    path("ballots/<uuid:public_id>/close/", views.Close.as_view(), name="ballot_close"),
    path("ballots/<uuid:public_id>/record/<uuid:cadre_id>/", views.PutOnRecord.as_view(), name="ballot_record"),
    path("ballots/<uuid:public_id>/sheet/", views.Sheet.as_view(), name="ballot_sheet"),
]
