"""URLs of the app."""

from django.urls import include, path

from accounts import health_views, job_views
from accounts.administration import views as administration
from accounts.kit import views as kit
from accounts.me import views as me
from accounts.setting import views as setting
from accounts.user import views

app_name = "accounts"
urlpatterns = [
    path("", include("accounts.people.urls")),
    path("sign-in/", views.SignIn.as_view(), name="sign_in"),
    path("sign-in/demo/", views.DemoSignIn.as_view(), name="demo_sign_in"),
    path("sign-out/", views.SignOut.as_view(), name="sign_out"),
    path("role/", views.SwitchRole.as_view(), name="switch_role"),
    path("notices/", views.Notices.as_view(), name="notices"),
    path("trail/", views.Trail.as_view(), name="trail"),
    path("jobs/<uuid:public_id>/", job_views.JobPage.as_view(), name="job"),
    path("jobs/<uuid:public_id>/file/", job_views.JobFile.as_view(), name="job_file"),
    path("health/", health_views.Health.as_view(), name="health"),
    path("accounts/", administration.Accounts.as_view(), name="accounts"),
    path("accounts/new/", administration.NewAccount.as_view(), name="account_new"),
    path("accounts/<uuid:public_id>/", administration.AccountPage.as_view(), name="account"),
    path("accounts/<uuid:public_id>/switch/", administration.SwitchAccount.as_view(), name="account_switch"),
    path("accounts/<uuid:public_id>/reset/", administration.ResetPassword.as_view(), name="account_reset"),
    path("accounts/<uuid:public_id>/roles/", administration.GrantRole.as_view(), name="role_grant"),
    path("accounts/<uuid:public_id>/roles/<int:pk>/end/", administration.EndRole.as_view(), name="role_end"),
    path("me/", me.Me.as_view(), name="me"),
    path("me/password/", me.Password.as_view(), name="password"),
    path("me/sessions/end/", me.EndSessions.as_view(), name="sessions_end"),
    path("settings/", setting.Settings.as_view(), name="settings"),
    path("settings/calendar/", setting.Calendar.as_view(), name="calendar"),
    path("settings/calendar/remove/", setting.RemoveDay.as_view(), name="calendar_remove"),
    path("settings/<slug:key>/decide/", setting.DecideSetting.as_view(), name="setting_decide"),
    path("settings/<slug:key>/", setting.SettingPage.as_view(), name="setting"),
    path("filters/", kit.KeepFilter.as_view(), name="filter_keep"),
    path("filters/<uuid:public_id>/", kit.ChangeFilter.as_view(), name="filter_change"),
]
