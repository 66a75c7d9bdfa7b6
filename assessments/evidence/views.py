"""Who meets a criterion, one item of the record, and what everybody finds about himself."""

from typing import Any

from django.contrib import messages
from django.contrib.auth.mixins import PermissionRequiredMixin
from django.core.exceptions import PermissionDenied, ValidationError
from django.core.paginator import Paginator
from django.db import transaction
from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views import View
from django.views.generic import TemplateView

from accounts.file.workflow import store
from accounts.kit.forms import refuse_into
from accounts.kit.lists import KeysetList
from accounts.kit.panels import panels_of
from accounts.models import Cadre
from accounts.people.forms import PersonSearch
from accounts.people.models import barred_cadres
from accounts.permissions import UNIT_ROLES
from accounts.wording import say
from assessments.criteria.models import Edition
from assessments.evidence.forms import CorrectionForm, ItemForm, RecordFilter, StatementForm
from assessments.evidence.meets import standings, who_meets
from assessments.evidence.models import Evidence, Fact
from assessments.evidence.people import absent_days
from assessments.evidence.workflow import add_evidence, state, supersede

PAGE = 50


class Record(PermissionRequiredMixin, TemplateView):
    """Whose record meets a criterion: the evidence, what is still missing, and nothing that is only a vote."""

    permission_required = "record.read"
    raise_exception = True
    template_name = "assessments/evidence/record.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        user, get = self.request.user, self.request.GET
        unit, wide = user.role.unit, user.role.role not in UNIT_ROLES
        editions = list(Edition.objects.approved().usable_by(unit))
        edition = next((e for e in editions if e.code == get.get("edition")), None) or Edition.objects.in_use(unit)
        form = RecordFilter(get, editions=editions, edition=edition, wide=wide)
        data = form.cleaned_data if form.is_valid() else {}
        root = self._scope(data.get("unit"))
        rows = self._rows(root, edition, data)
        page = Paginator(rows, PAGE).get_page(get.get("page"))
        for row in page:
            row.gaps = [say(*gap) for gap in row.missing]
        return super().get_context_data(
            filter=form, edition=edition, rows=page.object_list, page=self._places(page), total=len(rows),
            people=len({row.cadre.pk for row in rows}), wide=wide, hooks=panels_of("record", unit, user), **kwargs,
        )  # fmt: skip

    def _places(self, page: Any) -> dict[str, str]:
        """What the pager shows."""
        last = page.paginator.num_pages

        def url(number: int) -> str:
            query = self.request.GET.copy()
            query["page"] = str(number)
            return f"?{query.urlencode()}"

        return {
            "first_url": url(1), "last_url": url(last),
            "previous_url": url(page.number - 1) if page.number > 1 else "",
            "next_url": url(page.number + 1) if page.number < last else "",
        }  # fmt: skip

    def _scope(self, chosen: Any) -> Any:
        """The unit whose record is read: the reader's own, all that it acts for, or one of these that was named."""
        user = self.request.user
        unit = user.role.unit
        whole = unit.reach if user.role.role not in UNIT_ROLES else unit.path
        if chosen and chosen.path.startswith(whole):
            return chosen
        return Path(whole)

    def _rows(self, root: Any, edition: Edition | None, data: dict[str, Any]) -> list[Any]:
        if edition is None:
            return []
        today, show = timezone.localdate(), data.get("show")
        rows = standings(root, edition, today) if show == "all" else who_meets(root, edition, today)
        barred = barred_cadres(self.request.user.cadre_id)
        rows = [row for row in rows if row.cadre.pk not in barred]
        if show == "ready":
            rows = [row for row in rows if row.ready]
        if data.get("criterion"):
            rows = [row for row in rows if row.criterion.code == data["criterion"]]
        return rows


class Path:
    """A subtree that is no single unit: everything below a path."""

    def __init__(self, path: str) -> None:
        self.path = path


class NewItem(PermissionRequiredMixin, View):
    """First who, then what: one item about one of the reader's people."""

    permission_required = "evidence.add"
    raise_exception = True

    def people(self) -> Any:
        user = self.request.user
        return Cadre.objects.visible_to(user).exclude(pk__in=barred_cadres(user.cadre_id)).select_related("unit")

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        self.cadre = None
        if request.user.is_authenticated and request.user.may("evidence.add") and request.GET.get("cadre"):
            try:
                self.cadre = self.people().filter(public_id=request.GET["cadre"]).first()
            except ValidationError:
                self.cadre = None
            if self.cadre is None:
                raise Http404
        return super().dispatch(request, *args, **kwargs)

    def form(self, *data: Any) -> ItemForm:
        return ItemForm(*data, cadre=self.cadre, edition=Edition.objects.in_use(self.cadre.unit))

    def get(self, request: HttpRequest) -> HttpResponse:
        if self.cadre is not None:
            return self.page(self.form())
        pick = PersonSearch(request.GET)
        words = pick.cleaned_data["q"] if pick.is_valid() else ""
        found = self.people().in_service(timezone.localdate()).order_by("pinyin", "pk")
        found = list((found.found_by(words) if words else found)[:PAGE])
        return render(request, "assessments/evidence/pick.html", {"pick": pick, "found": found})

    def post(self, request: HttpRequest) -> HttpResponse:
        if self.cadre is None:
            raise Http404
        form = self.form(request.POST, request.FILES)
        if not form.is_valid():
            return self.page(form, 422)
        with transaction.atomic():
            content = form.content()
            content["file"] = store(content["file"], by=request.user) if content["file"] else None
            outside = request.user.role.role not in UNIT_ROLES
            item = add_evidence(by=request.user, cadre=self.cadre, outside=outside, **content)
        messages.success(request, _("Recorded. The cadre sees the entry and may attach a statement."))
        return redirect(item.get_absolute_url())

    def page(self, form: ItemForm, status: int = 200) -> HttpResponse:
        context = {"form": form, "cadre": self.cadre, "back": "/record/"}
        return render(self.request, "assessments/evidence/form.html", context, status=status)


def own_item(user: Any, public_id: Any) -> Evidence:
    """An item within the reader's scope, in any of its versions; 404 otherwise, 403 without the right to read records."""
    rows = (
        Evidence.objects.visible_to(user).with_statements().select_related("cadre__unit", "file", "recorded_by__cadre")
    )
    item = get_object_or_404(rows, public_id=public_id)
    if not (user.may("record.read") or user.may("record.own")):
        raise PermissionDenied
    return item


class ItemPage(View):
    """One item, its earlier and later versions, what the cadre says to it, and its correction."""

    def get(self, request: HttpRequest, public_id: Any) -> HttpResponse:
        item = own_item(request.user, public_id)
        return self.page(item, StatementForm() if request.user.may("record.own") else None)

    def post(self, request: HttpRequest, public_id: Any) -> HttpResponse:
        item = own_item(request.user, public_id)
        if not request.user.may("record.own"):
            raise PermissionDenied
        form = StatementForm(request.POST)
        if not form.is_valid():
            return self.page(item, form, 422)
        state(item, by=request.user, **form.cleaned_data)
        messages.success(request, _("Your statement stands beside the entry."))
        return redirect(item.get_absolute_url())

    def page(self, item: Evidence, form: StatementForm | None, status: int = 200) -> HttpResponse:
        user = self.request.user
        later = Evidence.objects.filter(supersedes=item).first()
        earlier, row = [], item
        while row.supersedes_id and len(earlier) < PAGE:
            row = row.supersedes
            earlier.append(row)
        context = {
            "item": item, "later": later, "earlier": earlier, "form": form,
            "may_correct": user.may("evidence.add") and later is None and item.kind != "own_statement",
        }  # fmt: skip
        return render(self.request, "assessments/evidence/item.html", context, status=status)


class CorrectItem(View):
    """A correction is a new entry that supersedes, with a reason; both stay."""

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        self.item = own_item(request.user, kwargs["public_id"])
        if not request.user.may("evidence.add"):
            raise PermissionDenied
        return super().dispatch(request, *args, **kwargs)

    def form(self, *data: Any, **kwargs: Any) -> CorrectionForm:
        return CorrectionForm(
            *data, cadre=self.item.cadre, edition=Edition.objects.in_use(self.item.cadre.unit), **kwargs
        )

    def get(self, request: HttpRequest, public_id: Any) -> HttpResponse:
        item = self.item
        grade = item.key if item.fact == Fact.GRADE else ""
        names = ("kind", "title", "happened_on", "source", "criterion", "fact", "key")
        return self.page(self.form(initial={name: getattr(item, name) for name in names} | {"grade": grade}))

    def post(self, request: HttpRequest, public_id: Any) -> HttpResponse:
        form = self.form(request.POST, request.FILES)
        if not form.is_valid():
            return self.page(form, 422)
        try:
            with transaction.atomic():
                content = form.content()
                content["file"] = store(content["file"], by=request.user) if content["file"] else self.item.file
                new = supersede(self.item, by=request.user, reason=form.cleaned_data["reason"], **content)
        except ValidationError as error:
            refuse_into(form, error)
            return self.page(form, 409)
        messages.success(request, _("Corrected; the former entry stays readable."))
        return redirect(new.get_absolute_url())

    def page(self, form: CorrectionForm, status: int = 200) -> HttpResponse:
        context = {"form": form, "cadre": self.item.cadre, "item": self.item, "back": self.item.get_absolute_url()}
        return render(self.request, "assessments/evidence/form.html", context, status=status)


class ItemFile(View):
    """The file of an item, as an attachment, to those who read the item."""

    def get(self, request: HttpRequest, public_id: Any) -> HttpResponse:
        file = own_item(request.user, public_id).file
        if file is None:
            raise Http404
        return FileResponse(
            file.content.open("rb"), as_attachment=True, filename=file.name, content_type=file.content_type
        )


class MyRecord(PermissionRequiredMixin, KeysetList):
    """Everything that stands on record about the reader, the newest first; he may state something to each entry."""

    permission_required = "record.own"
    raise_exception = True
    template_name = "assessments/evidence/mine.html"
    sorts = {"day": "happened_on"}
    sort = "-day"
    page_size = 20

    def rows(self) -> Any:
        rows = Evidence.objects.filter(cadre=self.request.user.cadre_id).current().with_statements()
        return rows.select_related("file")

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        absent = absent_days(self.request.user.cadre, timezone.localdate()) if self.request.user.cadre else 0
        return super().get_context_data(absent=absent, **kwargs)
