"""URLs of people and units."""

from django.urls import path

from accounts.people import unit_views, views

urlpatterns = [
    path("people/", views.People.as_view(), name="people"),
    path("people/new/", views.NewPerson.as_view(), name="person_new"),
    path("people/<uuid:public_id>/", views.PersonPage.as_view(), name="person"),
    *[
        path(f"people/<uuid:public_id>/{action.replace('_', '-')}/", views.DeedPage.as_view(action=action), name=f"person_{action}")
        for action in views.DEEDS
    ],
    path("units/", unit_views.Units.as_view(), name="units"),
    path("units/<uuid:public_id>/", unit_views.UnitPage.as_view(), name="unit"),
    *[
        path(f"units/<uuid:public_id>/{action}/", unit_views.UnitDeedPage.as_view(action=action), name=f"unit_{action}")
        for action in unit_views.DEEDS
    ],
]  # fmt: skip
