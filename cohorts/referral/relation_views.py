"""My relations: declare, see, end; and the section chief's record for a case's recusal."""

from typing import Any

from django import forms
from django.contrib import messages
from django.contrib.auth.mixins import PermissionRequiredMixin
from django.core.exceptions import PermissionDenied, ValidationError
from django.db.models import Q
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views import View

from accounts.kit.lists import KeysetList
from accounts.models import Cadre, Relation
from accounts.people.models import BARRING, RelationKind
from cohorts.referral.forms import refuse_into
from cohorts.referral.models import CLOSED, Referral
from cohorts.referral.relations import declare_relation, end_relation, may_end

FOUND = 20


class NameForm(forms.Form):
    """Two characters or more of a name; the identity number is no way to look for colleagues."""

    q = forms.CharField(
        label=gettext_lazy("Name, pinyin or initials (two characters or more)"), min_length=2, max_length=40
    )


class RelationForm(forms.Form):
    kind = forms.ChoiceField(
        label=gettext_lazy("What is between the two"), choices=[("", "---"), *RelationKind.choices]
    )
    note = forms.CharField(label=gettext_lazy("In a few words (optional)"), max_length=200, required=False)


class EndForm(forms.Form):
    reason = forms.CharField(label=gettext_lazy("Reason"), max_length=200)


class Relations(PermissionRequiredMixin, KeysetList):
    """What is declared between the reader and others, standing and ended."""

    permission_required = "relation.own"
    raise_exception = True
    template_name = "cohorts/referral/relations.html"
    sorts = {"date": "declared_on"}
    sort = "-date"

    def rows(self) -> Any:
        own = Relation.objects.visible_to(self.request.user)
        mine = self.request.user.cadre_id
        own = own.filter(Q(cadre_id=mine) | Q(other_id=mine) | Q(recorded_by_id=mine)) if mine else own.none()
        return own.select_related("cadre__unit", "other__unit")

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context = super().get_context_data(**kwargs)
        for row in context["rows"]:
            row.bars = row.kind in BARRING
            row.may_end = not row.ended_on and may_end(row, self.request.user)
        return context


class NewRelation(View):
    """First the other person by name, then what is between the two. With a case: the chief records it about its cadre."""

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        self.case = None
        if "public_id" in kwargs:
            rows = Referral.objects.visible_to(request.user).exclude(state__in=CLOSED).select_related("cadre")
            self.case = get_object_or_404(rows, public_id=kwargs["public_id"])
        if not request.user.may("relation.record" if self.case else "relation.own"):
            raise PermissionDenied
        self.one = self.case.cadre if self.case else request.user.cadre
        if self.one is None:
            raise Http404
        self.other = None
        if request.GET.get("cadre"):
            try:
                self.other = Cadre.objects.filter(public_id=request.GET["cadre"]).select_related("unit").first()
            except ValidationError:
                self.other = None
            if self.other is None:
                raise Http404
        return super().dispatch(request, *args, **kwargs)

    def get(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        if self.other:
            return self.page(RelationForm())
        form = NameForm(request.GET) if "q" in request.GET else NameForm()
        found: Any = []
        if form.is_bound and form.is_valid():
            people = Cadre.objects.exclude(pk=self.one.pk).select_related("unit")
            words = form.cleaned_data["q"]
            found = [] if len(words) == 18 else people.found_by(words).order_by("pinyin", "pk")[:FOUND]
        return render(request, "cohorts/referral/relation_pick.html", {"form": form, "found": found, "case": self.case})

    def post(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        if self.other is None:
            raise Http404
        form = RelationForm(request.POST)
        if not form.is_valid():
            return self.page(form, 422)
        # The one who declares stands first; for a case it is the colleague whom the chief records.
        first, second = (self.other, self.one) if self.case else (self.one, self.other)
        try:
            declare_relation(by=request.user, cadre=first, other=second, **form.cleaned_data)
        except ValidationError as error:
            refuse_into(form, error)
            return self.page(form, 409)
        messages.success(request, _("The relation is on record."))
        seen = self.case and Referral.objects.visible_to(request.user).filter(pk=self.case.pk).exists()
        return redirect(self.case.get_absolute_url() if seen else "/relations/")

    def page(self, form: RelationForm, status: int = 200) -> HttpResponse:
        context = {"form": form, "one": self.one, "other": self.other, "case": self.case}
        return render(self.request, "cohorts/referral/relation.html", context, status=status)


class EndRelation(View):
    """End a declaration, with a reason."""

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        rows = Relation.objects.visible_to(request.user).standing().select_related("cadre", "other")
        self.relation = get_object_or_404(rows, public_id=kwargs["public_id"])
        if not may_end(self.relation, request.user):
            raise PermissionDenied
        return super().dispatch(request, *args, **kwargs)

    def get(self, request: HttpRequest, public_id: Any) -> HttpResponse:
        return self.page(EndForm())

    def post(self, request: HttpRequest, public_id: Any) -> HttpResponse:
        form = EndForm(request.POST)
        if not form.is_valid():
            return self.page(form, 422)
        try:
            end_relation(self.relation, by=request.user, reason=form.cleaned_data["reason"])
        except ValidationError as error:
            refuse_into(form, error)
            return self.page(form, 409)
        messages.success(request, _("The relation is ended."))
        return redirect("/relations/")

    def page(self, form: EndForm, status: int = 200) -> HttpResponse:
        return render(
            self.request, "cohorts/referral/relation_end.html", {"form": form, "relation": self.relation}, status=status
        )
