"""URLs of the return review and the follow-up."""

from django.urls import path

from cohorts.review import views

urlpatterns = [
    path("reviews/", views.ReviewList.as_view(), name="reviews"),
    path("reviews/<uuid:public_id>/sheet/", views.ReviewSheet.as_view(), name="review_sheet"),
    path("follow-ups/", views.FollowUps.as_view(), name="follow_ups"),
    path("follow-ups/<uuid:public_id>/", views.FollowUpEntry.as_view(), name="follow_up"),
]
