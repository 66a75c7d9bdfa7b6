"""URLs of drafts, teams and letters."""

from django.urls import path

from cohorts.referral import consistency_views, relation_views, views

urlpatterns = [
    path("returns/<uuid:return_id>/nominate/", views.DraftPage.as_view(), name="draft_new"),
    path("campaigns/<uuid:campaign_id>/nominate/", views.DraftPage.as_view(), name="draft_county"),
    path("cases/<uuid:public_id>/edit/", views.DraftPage.as_view(), name="draft_edit"),
    path("cases/<uuid:public_id>/discard/", views.DiscardDraft.as_view(), name="draft_discard"),
    path("cases/<uuid:public_id>/follow/", views.FollowPage.as_view(), name="follow"),
    path("cases/<uuid:public_id>/sheet/", views.DeputySheet.as_view(), name="deputy_sheet"),
    path("teams/", views.TeamList.as_view(), name="teams"),
    path("teams/<uuid:public_id>/", views.TeamPage.as_view(), name="team"),
    path("relations/", relation_views.Relations.as_view(), name="relations"),
    path("relations/new/", relation_views.NewRelation.as_view(), name="relation_new"),
    path("relations/<uuid:public_id>/end/", relation_views.EndRelation.as_view(), name="relation_end"),
    path("cases/<uuid:public_id>/relation/", relation_views.NewRelation.as_view(), name="case_relation"),
    path("teams/new/", views.NewTeam.as_view(), name="team_new"),
    path("criteria/consistency/", consistency_views.Consistency.as_view(), name="consistency"),
    path(
        "criteria/consistency/<str:edition>/<str:criterion>/",
        consistency_views.Differences.as_view(),
        name="differences",
    ),
    path("letters/", views.Letters.as_view(), name="letters"),
    path("letters/new/", views.NewLetter.as_view(), name="letter_new"),
    path("letters/<uuid:public_id>/", views.LetterPage.as_view(), name="letter"),
]
