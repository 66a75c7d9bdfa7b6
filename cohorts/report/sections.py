"""The registry of the cohort report's sections. Adding one is one entry here and its headings in ``texts``."""

from collections import Counter
from statistics import median
from typing import Any

from django.db.models import Count, OuterRef, Q, Subquery
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from cohorts.campaign.models import ReturnState
from cohorts.measure.kinds import BY_CODE as MEASURES
from cohorts.measure.models import MeasureState
from cohorts.penalty.kinds import BY_CODE as PENALTIES
from cohorts.penalty.models import Penalty
from cohorts.procedure.narrow import CASE_FIGURES
from cohorts.referral.meeting import MeetingItem, Result
from cohorts.referral.models import EndGround, Finding, Referral, State, StrikeReason
from cohorts.report.section import Column, Row, Section
from cohorts.training.attendance import Hours, attendance_by_case

_ON_FILE = Q(state__in=[ReturnState.FILED, ReturnState.ACCEPTED])
_RETURNS = (Column("asked", "returns"), Column("filed", "returns"), Column("nil", "returns"))
_STAGES = (
    "nominated",
    "verified",
    "struck_out",
    "notified",
    "confirmed",
    "released",
    "admitted",
    "in_class",
    "finished",
)
_RESULTS = (
    "qualified", "unqualified", "returned", "stayed", "reassigned", "exited", "withdrawn_by_unit",
    *(f"ended_{ground.value}" for ground in EndGround), "transferred", "overturned",
)  # fmt: skip
_MISSED = ("late", "excused", "absent")


def _cases(codes: tuple[str, ...]) -> tuple[Column, ...]:
    return tuple(Column(code, "cases") for code in codes)


def _count_cases(filters: Any, by: str, codes: tuple[str, ...]) -> dict[Any, Row]:
    """Figures of cases by one key, in one statement."""
    counts = {code: Count("pk", filter=CASE_FIGURES[code] or Q(pk__isnull=False)) for code in codes}
    return {row[by]: row for row in filters.cases.order_by().values(by).annotate(**counts)}


def _count_returns(filters: Any, *by: str) -> list[Row]:
    counts = {
        "asked": Count("pk"),
        "filed": Count("pk", filter=_ON_FILE),
        "nil": Count("pk", filter=_ON_FILE & Q(nil=True)),
    }
    return list(filters.returns.order_by().values(*by).annotate(**counts).order_by(by[-1]))  # fmt: skip


_NO_RETURNS = {"asked": 0, "filed": 0, "nil": 0}


def funnel(filters: Any) -> list[Row]:
    """Round by round how many were asked, filed, nominated and so on; names of the county stand without a round."""
    figures = _count_cases(filters, "unit_return__round_id", _STAGES)
    nothing = dict.fromkeys(_STAGES, 0)
    rows = []
    for row in _count_returns(filters, "round_id", "round__public_id", "round__kind", "round__number"):
        name = _("Round %(number)s") % {"number": row["round__number"]}
        key = ("round", row["round__number"])
        query = {"round": row["round__public_id"]}
        rows.append({**nothing, **figures.pop(row["round_id"], {}), **row, "round": name, "key": key, "query": query})
    for row in figures.values():  # without a return, or of rounds whose returns the filter leaves out
        if row["unit_return__round_id"] is None:
            rows.append({**_NO_RETURNS, **row, "round": _("Named by the county"), "key": ("county",)})
    return rows


def units(filters: Any) -> list[Row]:
    """Unit by unit: asked, filed, nominated and what became of it."""
    figures = _count_cases(filters, "unit_id", _STAGES)
    nothing = dict.fromkeys(_STAGES, 0)
    asked = {row["unit_id"]: row for row in _count_returns(filters, "unit_id")}
    rows = []
    for unit in filters.units({*figures, *asked}):
        counted = {**nothing, **_NO_RETURNS, **figures.get(unit.pk, {}), **asked.get(unit.pk, {})}
        rows.append(
            {**counted, "unit": unit.name, "staff": unit.staff_in_post, "key": unit.pk, "query": {"at": unit.public_id}}
        )
    return rows  # fmt: skip


def criteria(filters: Any) -> list[Row]:
    """Per criterion how often it was named, upheld and not upheld; a case may name several."""
    links = Referral.criteria.through.objects.filter(referral__in=filters.cases)
    named = dict(links.values_list("criterion_id").annotate(n=Count("pk")))
    found = (
        Finding.objects.filter(referral__in=filters.cases).values_list("criterion_id", "upheld").annotate(n=Count("pk"))
    )
    findings = {(criterion, upheld): n for criterion, upheld, n in found.order_by()}
    rows = []
    for criterion in filters.campaign.edition.criteria.order_by("pk"):
        narrowed = {"criterion": criterion.code, "figure": "nominated"}
        rows.append({
            "criterion": f"{criterion.code} {criterion.title}", "named": named.get(criterion.pk, 0), "upheld": findings.get((criterion.pk, True), 0),
            "not_upheld": findings.get((criterion.pk, False), 0), "key": criterion.code,
            "queries": {"named": narrowed, "upheld": narrowed | {"finding": "yes"}, "not_upheld": narrowed | {"finding": "no"}},
        })  # fmt: skip
    return rows


def verification(filters: Any) -> list[Row]:
    """Strike-outs by ground, releases by the reason on the meeting's list, and the days from nomination to verification."""
    struck = Counter(filters.cases.filter(state=State.STRUCK_OUT).values_list("strike_reason", flat=True))
    rows: list[Row] = [
        {"what": _("struck out"), "reason": StrikeReason(ground).label, "cases": count, "key": ("struck", ground),
         "query": {"figure": "struck_out", "ground": ground}}
        for ground, count in sorted(struck.items())
    ]  # fmt: skip
    last = MeetingItem.objects.filter(referral=OuterRef("pk"), result=Result.RELEASED).order_by("-pk")
    released = filters.cases.filter(state=State.RELEASED).annotate(why=Subquery(last.values("reason")[:1]))
    for why, count in sorted(Counter(released.values_list("why", flat=True)).items(), key=lambda item: str(item[0])):
        rows.append({"what": _("released"), "reason": why or "—", "cases": count, "key": ("released", why)})
    return rows


def duration(filters: Any) -> list[Row]:
    """Calendar days from the nomination to the verification: the median of the verified cases."""
    pairs = filters.cases.filter(verified_on__isnull=False).values_list("nominated_at", "verified_on")
    days = [(verified - timezone.localtime(nominated).date()).days for nominated, verified in pairs]
    if not days:
        return []
    return [{"measured": _("Days from nomination to verification (median)"), "days": int(median(days)), "cases": len(days), "key": 1}]  # fmt: skip


def results(filters: Any) -> list[Row]:
    """Class by class what the review found and what became of the people; withdrawals by who withdrew and on which ground."""
    figures = _count_cases(filters, "cohort_id", _RESULTS)
    names = {cohort.pk: cohort for cohort in filters.campaign.cohorts.select_related("campaign").order_by("number")}
    rows = []
    for pk, cohort in names.items():
        if pk in figures:
            row = {"cohort": str(cohort), "key": cohort.number, "query": {"cohort": cohort.public_id}}
            rows.append({**figures[pk], **row})
    if any(figures.get(None, {}).get(code) for code in _RESULTS):
        rows.append({**figures[None], "cohort": _("in no class"), "key": 0})
    return rows


def penalties(filters: Any) -> list[Row]:
    """By kind: begun, in force on the day of the report, ended, and without an end day."""
    today = filters.day
    in_force = Q(start__lte=today) & (Q(end__isnull=True) | Q(end__gt=today))
    rows = Penalty.objects.filter(referral__in=filters.cases).values("kind").annotate(
        begun=Count("pk"), in_force=Count("pk", filter=in_force), ended=Count("pk", filter=Q(end__lte=today)),
        no_end=Count("pk", filter=Q(end__isnull=True)),
    )  # fmt: skip
    return [
        {**row, "penalty": str(PENALTIES[row["kind"]].label), "key": row["kind"],
         "queries": {"begun": {"figure": "nominated", "penalty": row["kind"]}}}
        for row in rows.order_by("kind")
    ]  # fmt: skip


def attendance(filters: Any) -> list[Row]:
    """Class by class the class hours planned and held, the trainees' hours missed, and who is over the 1/7 limit."""
    cohort_of = dict(filters.cases.filter(cohort__isnull=False).order_by().values_list("pk", "cohort_id"))
    trainees: dict[int, list[Hours]] = {}
    for pk, hours in attendance_by_case(cohort_of).items():
        trainees.setdefault(cohort_of[pk], []).append(hours)
    rows = []
    for cohort in filters.campaign.cohorts.select_related("campaign").filter(pk__in=trainees).order_by("number"):
        own = trainees[cohort.pk]
        missed = {mark: sum(getattr(hours, mark) for hours in own) for mark in _MISSED}
        rows.append({
            **missed, "cohort": str(cohort), "trainees": len(own), "planned": own[0].planned, "held": own[0].held,
            "over_limit": sum(hours.over_limit for hours in own), "key": cohort.number,
            "queries": {"trainees": {"figure": "admitted", "cohort": cohort.public_id}},
        })  # fmt: skip
    return rows


def measures(filters: Any) -> list[Row]:
    """Unit by unit and by kind how many measures stand in which state."""
    counts = {state.value: Count("pk", filter=Q(state=state)) for state in MeasureState}
    found = filters.measures.order_by("unit__path", "kind").values("unit_id", "unit__path", "unit__name", "kind")
    return [
        {
            **row,
            "unit": row["unit__name"],
            "measure": str(MEASURES[row["kind"]].label),
            "key": (row["unit_id"], row["kind"]),
        }
        for row in found.annotate(**counts)
    ]


SECTIONS: tuple[Section, ...] = (
    Section("funnel", gettext_lazy("Round by round"), (Column("round", number=False), *_RETURNS, *_cases(_STAGES)), funnel),
    Section("units", gettext_lazy("Unit by unit"), (Column("unit", number=False), Column("staff", compares=False), *_RETURNS, *_cases(_STAGES)), units),
    Section("criteria", gettext_lazy("Criteria used"), (Column("criterion", number=False), *_cases(("named", "upheld", "not_upheld"))), criteria,
            totals=False),
    Section("verification", gettext_lazy("Verification with reasons"),
            (Column("what", number=False), Column("reason", number=False), Column("cases", "cases")), verification),
    Section("duration", gettext_lazy("Time of verification"), (Column("measured", number=False), Column("days"), Column("cases")), duration,
            totals=False),
    Section("results", gettext_lazy("Results"), (Column("cohort", number=False), *_cases(_RESULTS)), results),
    Section("attendance", gettext_lazy("Attendance"),
            (Column("cohort", number=False), Column("trainees", "cases"), Column("planned"), Column("held"), *map(Column, _MISSED), Column("over_limit")),
            attendance),
    Section("penalties", gettext_lazy("Penalties"),
            (Column("penalty", number=False), Column("begun", "cases"), Column("in_force"), Column("ended"), Column("no_end")), penalties),
    Section("measures", gettext_lazy("Unit measures"),
            (Column("unit", number=False), Column("measure", number=False), *map(Column, MeasureState.values)), measures),
)  # fmt: skip
SECTION_OF = {section.code: section for section in SECTIONS}
