"""URLs of the points ledger."""

from django.urls import path

from assessments.points import award_views, draft_views, entry_views, setup_views, sheet, views

urlpatterns = [
    path("points/", views.Month.as_view(), name="points"),
    path("points/mine/", views.Mine.as_view(), name="points_mine"),
    path("points/setup/", setup_views.Setup.as_view(), name="points_setup"),
    path("points/draft/", draft_views.Draft.as_view(), name="points_draft"),
    path("points/draft/edit/", draft_views.Edit.as_view(), name="points_draft_edit"),
    path("points/draft/drop/", draft_views.Drop.as_view(), name="points_draft_drop"),
    path("points/draft/approve/", draft_views.Approve.as_view(), name="points_draft_approve"),
    path("points/enter/", entry_views.Enter.as_view(), name="points_enter"),
    path("points/sheet/", sheet.Entries.as_view(), name="points_list"),
    path("points/carry/", entry_views.Carry.as_view(), name="points_carry"),
    path("points/settle/", views.Settle.as_view(), name="points_settle"),
    path("points/entries/", views.Entries.as_view(), name="point_entries"),
    path("points/entries/<uuid:public_id>/", entry_views.EntryPage.as_view(), name="point_entry"),
    path("points/entries/<uuid:public_id>/appeal/", entry_views.Appeal.as_view(), name="point_appeal"),
    path("points/entries/<uuid:public_id>/answer/", entry_views.Answer.as_view(), name="point_answer"),
    path("points/share/<int:year>/", award_views.SharePage.as_view(), name="points_share"),
    path("points/share/<int:year>/file/", award_views.ShareFile.as_view(), name="points_share_file"),
    path("points/<str:month>/print/", views.MonthSheet.as_view(), name="points_sheet"),
]
