"""URLs of field practice and of the village ledger."""

from django.urls import path

from cohorts.practice import ledger_views, views

urlpatterns = [
    path("practice/", views.Practice.as_view(), name="practice"),
    path("practice/files/<uuid:public_id>/", views.PracticeFile.as_view(), name="practice_file"),
    path("practice/<uuid:public_id>/", views.PlacementPage.as_view(), name="placement"),
    path("practice/<uuid:public_id>/log/", views.WriteLog.as_view(), name="placement_log"),
    path("practice/<uuid:public_id>/rate/", views.RatePlacement.as_view(), name="placement_rate"),
    path("practice/<uuid:public_id>/change/", views.RevisePlacement.as_view(), name="placement_change"),
    path("practice/<uuid:public_id>/sheet/", views.PlacementSheet.as_view(), name="placement_sheet"),
    path("practice/<uuid:public_id>/log-sheet/", views.LogSheet.as_view(), name="log_sheet"),
    path("practice/<uuid:public_id>/ledger/", ledger_views.NewMatter.as_view(), name="matter_new"),
    path("ledger/", ledger_views.Ledger.as_view(), name="ledger"),
    path("ledger/file/", ledger_views.LedgerFile.as_view(), name="ledger_file"),
]
