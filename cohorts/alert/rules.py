"""The registry of alert rules. Adding one is one entry here and its sentences in ``texts``."""

from typing import Any

from django.db.models import Case, ExpressionWrapper, F, IntegerField, Value, When
from django.db.models.functions import Greatest

from cohorts.alert import case_rules as case
from cohorts.alert import gap_rules as gap
from cohorts.alert import overdue_rules as overdue
from cohorts.alert import return_rules as unit
from cohorts.alert import unit_rules as sign
from cohorts.alert.models import GAP, Level
from cohorts.alert.rule import Rule, Severity

RULES = (
    Rule("suspension_without_end", "cohort", Severity.TODAY, case.suspension_without_end),
    Rule("suspension_overrun", "cohort", Severity.TODAY, case.suspension_overrun),
    Rule("return_overdue", "cohort", Severity.TODAY, overdue.return_overdue),
    Rule("case_without_step", "year", Severity.TODAY, case.without_step),
    Rule("reply_over", "year", Severity.TODAY, case.reply_over),
    Rule("decision_overdue", "year", Severity.TODAY, overdue.decision_overdue),
    Rule("objection_unanswered", "year", Severity.TODAY, overdue.objection_unanswered),
    Rule("result_undecided", "year", Severity.WEEK, overdue.result_undecided),
    Rule("succession_unqualified", "year", Severity.WEEK, case.succession_unqualified),
    Rule("repeat_referral", "year", Severity.WEEK, case.repeat_referral),
    Rule(
        GAP,
        "round",
        Severity.WEEK,
        gap.evidence_gap,
        climbs=True,
        unit_page="/questions/?return=%s",
        flags=True,
    ),
    Rule("nil_return_contradicted", "round", Severity.WEEK, unit.nil_return_contradicted, climbs=True),
    Rule("return_missing", "round", Severity.WEEK, unit.return_missing, climbs=True),
    Rule("retaliation", "year", Severity.WEEK, case.retaliation),
    Rule("case_stuck", "year", Severity.WEEK, case.stuck),
    Rule("phase_not_closed", "cohort", Severity.WEEK, overdue.phase_not_closed),
    Rule("same_facts_attempted", "year", Severity.WEEK, overdue.same_facts_attempted),
    Rule("follow_up_overdue", "year", Severity.NOTE, overdue.follow_up_overdue),
    Rule("return_due", "round", Severity.NOTE, unit.return_due, tells_unit=True),
    Rule("return_late", "round", Severity.NOTE, unit.return_late, climbs=True),
    Rule("return_not_as_asked", "round", Severity.NOTE, unit.return_not_as_asked, climbs=True),
    Rule("silent_record", "year", Severity.NOTE, sign.silent_record),
    Rule("improbably_many", "round", Severity.NOTE, sign.improbably_many),
)
RULE_OF = {rule.code: rule for rule in RULES}
CLIMBING = tuple(rule.code for rule in RULES if rule.climbs)


def with_severity(rows: Any) -> Any:
    """Annotates ``severity`` and ``worst``, by which a list is sorted worst first.

    Severity is the registry's, and at least "this week" at the head's level and "today" from the section's on; of two
    that are equally severe the one that climbed higher is worse.
    """
    number = IntegerField()
    known = Case(
        *[When(rule=rule.code, then=Value(int(rule.severity))) for rule in RULES], default=Value(0), output_field=number
    )
    climbed = Case(
        When(level__gte=Level.SECTION, then=Value(int(Severity.TODAY))), When(level=Level.HEAD, then=Value(int(Severity.WEEK))),
        default=Value(0), output_field=number,
    )  # fmt: skip
    rows = rows.annotate(severity=Greatest(known, climbed))
    return rows.annotate(worst=ExpressionWrapper(F("severity") * 10 + F("level"), output_field=number))
