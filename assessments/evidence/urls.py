"""URLs of the record: who meets a criterion, items of evidence, one's own record."""

from django.urls import path

from assessments.evidence import sheets, views

urlpatterns = [
    path("record/", views.Record.as_view(), name="record"),
    path("record/mine/", views.MyRecord.as_view(), name="my_record"),
    path("record/grades/", sheets.Grades.as_view(), name="grades_sheet"),
    path("record/attendance/", sheets.Attendance.as_view(), name="attendance_sheet"),
    path("record/new/", views.NewItem.as_view(), name="item_new"),
    path("record/items/<uuid:public_id>/", views.ItemPage.as_view(), name="item"),
    path("record/items/<uuid:public_id>/correct/", views.CorrectItem.as_view(), name="item_correct"),
    path("record/items/<uuid:public_id>/file/", views.ItemFile.as_view(), name="item_file"),
]
