"""URLs of the deliberation panel."""

from django.urls import path

from assessments.panel import views

urlpatterns = [
    path("panels/", views.Panels.as_view(), name="panels"),
    path("panels/new/", views.NewPanel.as_view(), name="panel_new"),
    path("panels/<uuid:public_id>/", views.PanelPage.as_view(), name="panel"),
    path("panels/<uuid:public_id>/score/", views.Score.as_view(), name="panel_score"),
    path("panels/<uuid:public_id>/excuse/", views.Excuse.as_view(), name="panel_excuse"),
    path("panels/<uuid:public_id>/cancel/", views.Cancel.as_view(), name="panel_cancel"),
    path("panels/<uuid:public_id>/disagree/", views.Disagree.as_view(), name="panel_disagree"),
    path("panels/<uuid:public_id>/discuss/", views.Discuss.as_view(), name="panel_discuss"),
    path("panels/<uuid:public_id>/rescore/", views.Rescore.as_view(), name="panel_rescore"),
    path("panels/<uuid:public_id>/conclude/", views.Conclude.as_view(), name="panel_conclude"),
    path("panels/<uuid:public_id>/sheet/", views.PanelSheet.as_view(), name="panel_sheet"),
]
