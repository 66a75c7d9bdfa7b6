"""The registry of alert rules. Adding one is one entry here and its sentences in ``texts``."""

from typing import Any

from django.db.models import Case, IntegerField, Value, When

from cohorts.alert import case_rules as case
from cohorts.alert import gap_rules as gap
from cohorts.alert import return_rules as unit
from cohorts.alert import unit_rules as sign
from cohorts.alert.rule import Rule, Severity

RULES = (
    Rule("suspension_without_end", "cohort", Severity.TODAY, case.suspension_without_end),
    Rule("suspension_overrun", "cohort", Severity.TODAY, case.suspension_overrun),
    Rule("case_without_step", "year", Severity.TODAY, case.without_step),
    Rule("reply_over", "year", Severity.TODAY, case.reply_over),
    Rule("succession_unqualified", "year", Severity.WEEK, case.succession_unqualified),
    Rule("repeat_referral", "year", Severity.WEEK, case.repeat_referral),
    Rule(
        "evidence_gap",
        "round",
        Severity.WEEK,
        gap.evidence_gap,
        tells_unit=True,
        unit_page="/questions/?return=%s",
        flags=True,
    ),
    Rule("nil_return_contradicted", "round", Severity.WEEK, unit.nil_return_contradicted),
    Rule("return_missing", "round", Severity.WEEK, unit.return_missing, tells_unit=True),
    Rule("retaliation", "year", Severity.WEEK, case.retaliation),
    Rule("case_stuck", "year", Severity.WEEK, case.stuck),
    Rule("return_due", "round", Severity.NOTE, unit.return_due, tells_unit=True),
    Rule("return_late", "round", Severity.NOTE, unit.return_late),
    Rule("return_not_as_asked", "round", Severity.NOTE, unit.return_not_as_asked),
    Rule("silent_record", "year", Severity.NOTE, sign.silent_record),
    Rule("improbably_many", "round", Severity.NOTE, sign.improbably_many),
)
RULE_OF = {rule.code: rule for rule in RULES}


def with_severity(rows: Any) -> Any:
    """Annotates ``severity`` from the registry, so that a list can be sorted worst first."""
    whens = [When(rule=rule.code, then=Value(int(rule.severity))) for rule in RULES]
    return rows.annotate(severity=Case(*whens, default=Value(0), output_field=IntegerField()))
