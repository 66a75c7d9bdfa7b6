"""Forms of the record: one item, its correction, the cadre's own statement, the filter of the page."""

from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.kit.files import UploadField
from accounts.kit.forms import day
from accounts.kit.pickers import UnitField
from accounts.kit.widgets import dress
from assessments.criteria.kinds import Kind
from assessments.criteria.models import Edition
from assessments.evidence.models import KIND_OF, Fact, Grade
from assessments.evidence.workflow import absence_days

# The own statement is the cadre's alone, a ballot's result comes from its ballot.
TYPED = [choice for choice in Kind.choices if choice[0] not in (Kind.OWN_STATEMENT, Kind.BALLOT)]


class RecordFilter(forms.Form):
    """Which edition, which unit, only those who meet a criterion or every record that has begun."""

    edition = forms.ChoiceField(label=_("Edition"), required=False)
    unit = UnitField(label=_("Unit"), required=False)
    show = forms.ChoiceField(label=_("Show"), required=False)
    criterion = forms.ChoiceField(label=_("Criterion"), required=False)

    def __init__(self, *args: Any, editions: list[Edition], edition: Edition | None, wide: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["edition"].choices = [("", "---"), *[(e.code, e.title) for e in editions]]
        self.fields["show"].choices = [
            ("", _("who meets a criterion")), ("ready", _("ready for a nomination")), ("all", _("every record that has begun")),
        ]  # fmt: skip
        criteria = edition.criteria.all() if edition else []
        self.fields["criterion"].choices = [("", _("all")), *[(c.code, str(c)) for c in criteria]]
        if not wide:
            del self.fields["unit"]
        dress(self.fields.values())


class ItemForm(forms.Form):
    """One item about a cadre. What a measurable criterion counts stands behind "what it establishes"."""

    kind = forms.ChoiceField(label=_("Kind"), choices=[("", "---"), *TYPED], required=False,
                             help_text=_("Left open, it follows from what the item establishes."))  # fmt: skip
    title = forms.CharField(label=_("What it shows"), max_length=200)
    happened_on = day(_("Date"), help_text=_("Of an annual grade: the last day of the year judged."))
    source = forms.CharField(label=_("Source"), max_length=120, help_text=_("Who says so, and where it is written."))
    criterion = forms.ChoiceField(label=_("Criterion that it speaks to"), required=False)
    fact = forms.ChoiceField(label=_("What it establishes"), choices=[("", "---"), *Fact.choices], required=False)
    grade = forms.ChoiceField(label=_("Annual grade"), choices=[("", "---"), *Grade.choices], required=False)
    key = forms.CharField(label=_("Name of the mistake, or number of the verified conclusion"), max_length=60, required=False,
                          help_text=_("The same mistake always under the same name. Never who complained."))  # fmt: skip
    last_day = day(_("Last day of the absence"), required=False,
                   help_text=_("Counted in calendar days for civil servants, in working days for institution staff."))  # fmt: skip
    file = UploadField(label=_("File"), required=False)

    def __init__(self, *args: Any, cadre: Any, edition: Edition | None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.cadre = cadre
        criteria = edition.criteria.all() if edition else []
        self.fields["criterion"].choices = [("", "---"), *[(c.code, str(c)) for c in criteria]]

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        fact, first, last = data.get("fact"), data.get("happened_on"), data.get("last_day")
        if first and first > timezone.localdate():
            self.add_error("happened_on", _("The day lies in the future."))
        if not data.get("kind") and not fact:
            self.add_error("kind", _("Choose the kind, or what the item establishes."))
        if fact == Fact.GRADE and not data.get("grade"):
            self.add_error("grade", _("Which grade?"))
        if fact in (Fact.MISTAKE, Fact.COMPLAINT) and not data.get("key"):
            self.add_error("key", _("Needed, so that what repeats can be counted."))
        if last and first and last < first:
            self.add_error("last_day", _("The last day lies before the first."))
        return data

    def content(self) -> dict[str, Any]:
        """What ``add_evidence`` and ``supersede`` take, the file still an upload."""
        data = self.cleaned_data
        fact, first = data["fact"], data["happened_on"]
        away = fact == Fact.ABSENT
        return {
            "kind": KIND_OF[Fact(fact)] if fact else data["kind"], "title": data["title"], "happened_on": first,
            "source": data["source"], "criterion": data["criterion"], "fact": fact, "file": data["file"],
            "key": data["grade"] if fact == Fact.GRADE else data["key"],
            "amount": max(1, absence_days(self.cadre, first, data["last_day"] or first)) if away else 1,
        }  # fmt: skip


class CorrectionForm(ItemForm):
    reason = forms.CharField(label=_("Reason of the correction"), max_length=200)


class StatementForm(forms.Form):
    text = forms.CharField(
        label=_("My statement"), widget=forms.Textarea(attrs={"rows": 4, "data-counter": ""}), max_length=2000
    )
    disputes = forms.BooleanField(
        label=_("I dispute this entry"), required=False,
        help_text=_("From then on the entry and your statement are always shown together."),
    )  # fmt: skip
