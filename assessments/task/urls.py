"""URLs of the weekly list."""

from django.urls import path

from assessments.task import task_views, views

urlpatterns = [
    path("tasks/", views.Week.as_view(), name="tasks"),
    path("tasks/mine/", task_views.Mine.as_view(), name="tasks_mine"),
    path("tasks/sheet/", views.TaskSheet.as_view(), name="task_sheet"),
    path("tasks/areas/", views.Areas.as_view(), name="areas"),
    path("tasks/areas/<uuid:public_id>/", views.AreaPage.as_view(), name="area"),
    path("tasks/week/<str:day>/print/", views.PrintWeek.as_view(), name="task_week_print"),
    path("tasks/week/<str:day>/settle/", views.Settle.as_view(), name="task_settle"),
    path("tasks/<uuid:public_id>/", task_views.TaskPage.as_view(), name="task"),
    path("tasks/<uuid:public_id>/done/", task_views.Done.as_view(), name="task_done"),
    *[
        path(f"tasks/<uuid:public_id>/{action}/", task_views.DeedPage.as_view(action=action), name=f"task_{action}")
        for action in task_views.DEEDS
    ],
]
