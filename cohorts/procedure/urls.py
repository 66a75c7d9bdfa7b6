"""URLs of cases, returns, campaigns and meetings."""

from django.urls import path

from cohorts.procedure import (
    campaign_views,
    case_views,
    class_views,
    consequence_views,
    meeting_views,
    practice_views,
    return_views,
    second_views,
)
from cohorts.procedure.views import StepPage

urlpatterns = [
    path("cases/", case_views.CaseList.as_view(), name="cases"),
    path("cases/<uuid:public_id>/", case_views.CasePage.as_view(), name="case"),
    path("cases/<uuid:public_id>/files/<uuid:file_id>/", case_views.CaseFile.as_view(), name="case_file"),
    path("cases/<uuid:public_id>/do/<slug:action>/", StepPage.as_view(subject_kind="cases"), name="case_step"),
    path("cohorts/<uuid:public_id>/admit/", class_views.Admit.as_view(), name="admit"),
    path("cohorts/<uuid:public_id>/forward/", class_views.Forward.as_view(), name="forward"),
    path("returns/", return_views.Returns.as_view(), name="returns"),
    path("returns/<uuid:public_id>/", return_views.ReturnPage.as_view(), name="return"),
    path("returns/<uuid:public_id>/sheet/", return_views.ReturnSheet.as_view(), name="return_sheet"),
    path("returns/<uuid:public_id>/signed/", return_views.SignedSheet.as_view(), name="return_signed"),
    path("returns/<uuid:public_id>/do/<slug:action>/", StepPage.as_view(subject_kind="returns"), name="return_step"),
    path("cohorts/<uuid:public_id>/placements/", practice_views.ClassPlacements.as_view(), name="class_placements"),
    path("ledger/<uuid:public_id>/", practice_views.LedgerPage.as_view(), name="ledger_entry"),
    path("ledger/<uuid:public_id>/do/<slug:action>/", StepPage.as_view(subject_kind="ledger"), name="ledger_step"),
    path("payroll/<uuid:public_id>/", consequence_views.PayrollPage.as_view(), name="payroll_list"),
    path("payroll/<uuid:public_id>/do/<slug:action>/", StepPage.as_view(subject_kind="payroll"), name="payroll_step"),
    path("measures/<uuid:public_id>/", consequence_views.MeasurePage.as_view(), name="measure"),
    path("measures/<uuid:public_id>/do/<slug:action>/", StepPage.as_view(subject_kind="measures"), name="measure_step"),
    path("campaigns/", campaign_views.CampaignList.as_view(), name="campaigns"),
    path("campaigns/new/", campaign_views.NewCampaign.as_view(), name="campaign_new"),
    path("campaigns/<uuid:public_id>/", campaign_views.CampaignPage.as_view(), name="campaign"),
    path("campaigns/<uuid:public_id>/days/", campaign_views.ReviseCampaign.as_view(), name="campaign_days"),
    path("campaigns/<uuid:public_id>/conclude/", campaign_views.ConcludeCampaign.as_view(), name="campaign_conclude"),
    path("rounds/<uuid:public_id>/<slug:action>/", campaign_views.RoundAct.as_view(), name="round"),
    path("second-checks/", second_views.SecondChecks.as_view(), name="second_checks"),
    path("second-checks/<uuid:public_id>/", second_views.SecondCheckPage.as_view(), name="second_check"),
    path(
        "second-checks/<uuid:public_id>/files/<uuid:file_id>/",
        second_views.SecondCheckFile.as_view(),
        name="second_file",
    ),
    path(
        "second-checks/<uuid:public_id>/do/<slug:action>/",
        StepPage.as_view(subject_kind="second-checks"),
        name="second_step",
    ),
    path("meetings/", meeting_views.MeetingList.as_view(), name="meetings"),
    path("meetings/new/", meeting_views.NewMeeting.as_view(), name="meeting_new"),
    path("meetings/<uuid:public_id>/", meeting_views.MeetingPage.as_view(), name="meeting"),
    path("meetings/<uuid:public_id>/sheet/", meeting_views.MeetingSheet.as_view(), name="meeting_sheet"),
]
