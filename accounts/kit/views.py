"""Keeping, choosing and deleting saved filters; forms of ``templates/_saved_filters.html``."""

from typing import Any

from django import forms
from django.contrib import messages
from django.db import IntegrityError, transaction
from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect
from django.urls import Resolver404, resolve
from django.utils.translation import gettext as _
from django.views import View

from accounts.kit.filters import keep, make_default, storable, without_place
from accounts.kit.models import SavedFilter


class KeepForm(forms.Form):
    name = forms.CharField(max_length=40)
    page = forms.CharField(max_length=120)
    query = forms.CharField(max_length=500)
    default = forms.BooleanField(required=False)


class KeepFilter(View):
    def post(self, request: HttpRequest) -> HttpResponse:
        form = KeepForm(request.POST)
        page = request.POST.get("page", "")
        try:
            resolve(page)
        except Resolver404 as error:
            raise Http404 from error
        if not form.is_valid() or not storable(form.cleaned_data["query"]):
            messages.error(
                request, _("Not kept: give it a name of at most 40 characters; an identity number is never kept.")
            )
            return redirect(page)
        data = form.cleaned_data
        data["query"] = without_place(QueryDict(data["query"])).urlencode()
        try:
            with transaction.atomic():
                keep(by=request.user, **data)
        except IntegrityError:
            messages.error(request, _("There is a filter “%(name)s” on this page already.") % data)
        else:
            messages.success(request, _("The filter “%(name)s” is kept.") % data)
        return redirect(f"{page}?{data['query']}")


class ChangeFilter(View):
    def post(self, request: HttpRequest, public_id: Any) -> HttpResponse:
        row = get_object_or_404(SavedFilter.objects.visible_to(request.user), public_id=public_id)
        if request.POST.get("act") == "delete":
            row.delete()
            messages.success(request, _("The filter “%(name)s” is deleted.") % {"name": row.name})
        elif request.POST.get("act") == "default":
            make_default(row, by=request.user)
            messages.success(
                request, _("The page opens with “%(name)s” from your next sign-in on.") % {"name": row.name}
            )
        return redirect(f"{row.page}?{row.query}")
