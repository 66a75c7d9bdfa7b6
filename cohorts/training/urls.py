"""URLs of the class."""

from django.urls import path

from cohorts.training import own, quiz_views, session_views, views

urlpatterns = [
    path("cohorts/", views.CohortList.as_view(), name="cohorts"),
    path("cohorts/new/", views.NewCohort.as_view(), name="cohort_new"),
    path("cohorts/<uuid:public_id>/", views.CohortPage.as_view(), name="cohort"),
    path("cohorts/<uuid:public_id>/people/", views.People.as_view(), name="cohort_people"),
    path("cohorts/<uuid:public_id>/phases/<int:order>/close/", views.ClosePhase.as_view(), name="phase_close"),
    path("cohorts/<uuid:public_id>/timetable/", views.Timetable.as_view(), name="timetable"),
    path("cohorts/<uuid:public_id>/sessions/new/", session_views.NewSession.as_view(), name="session_new"),
    path("cohorts/<uuid:public_id>/quiz/", quiz_views.QuizPage.as_view(), name="quiz"),
    path("cohorts/<uuid:public_id>/quiz/write/", quiz_views.WriteQuiz.as_view(), name="quiz_write"),
    path("cohorts/<uuid:public_id>/quiz/marks/", quiz_views.Marks.as_view(), name="quiz_marks"),
    path("sessions/<uuid:public_id>/roll/", session_views.Roll.as_view(), name="roll"),
    path("sessions/<uuid:public_id>/roll/sheet/", session_views.RollSheet.as_view(), name="roll_sheet"),
    path("sessions/<uuid:public_id>/cancel/", session_views.CancelSession.as_view(), name="session_cancel"),
    path("class/", own.MyClass.as_view(), name="my_class"),
    path("class/quiz/", quiz_views.TakeQuiz.as_view(), name="take_quiz"),
]
