"""URLs of the app."""

from django.urls import include, path

from accounts import job_views
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
    path("accounts/", views.Accounts.as_view(), name="accounts"),
]
