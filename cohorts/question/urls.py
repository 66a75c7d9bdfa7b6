"""URLs of questions."""

from django.urls import path

from cohorts.procedure.views import StepPage
from cohorts.question import trial_views, views

urlpatterns = [
    path("criteria/<uuid:public_id>/trial/", trial_views.TrialPage.as_view(), name="edition_trial"),
    path("questions/", views.Questions.as_view(), name="questions"),
    path("questions/<uuid:public_id>/", views.QuestionPage.as_view(), name="question"),
    path("questions/<uuid:public_id>/name/", views.NameThePerson.as_view(), name="question_name"),
    path("questions/<uuid:public_id>/file/", views.QuestionFile.as_view(), name="question_file"),
    path(
        "questions/<uuid:public_id>/do/<slug:action>/", StepPage.as_view(subject_kind="questions"), name="question_step"
    ),
]
