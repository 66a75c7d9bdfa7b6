"""Who may do what: the one table. A grant is a code; the scope of rows is each model's ``visible_to``.

Adding a role or a right is one line here plus its expected row in ``tests/access_expected.csv``.
"""

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _


class Role(TextChoices):
    """A role is held over a unit and everything below it, for a period."""

    CLERK = "clerk", _("Clerk")
    CHIEF = "chief", _("Section chief")
    LEADER = "leader", _("Leader")
    DEPARTMENT_ADMIN = "department_admin", _("Department administrator")
    VERIFIER = "verifier", _("Member of a verification team")
    UNIT_HEAD = "unit_head", _("Unit head")
    DEPUTY = "deputy", _("Deputy head")
    LIAISON = "liaison", _("Liaison")
    CADRE = "cadre", _("Cadre concerned")
    CLASS_TEACHER = "class_teacher", _("Class teacher")
    FIELD_SUPERVISOR = "field_supervisor", _("Field supervisor")
    PAYROLL = "payroll", _("Payroll officer")
    INSPECTOR = "inspector", _("Discipline inspector")
    SYSTEM_ADMIN = "system_admin", _("System administrator")
    SECURITY_ADMIN = "security_admin", _("Security administrator")
    AUDIT_ADMIN = "audit_admin", _("Audit administrator")
    SYSTEM = "system", _("The system")


# Roles of the organizer of a campaign: they see its cases from the nomination on.
ORGANIZER_ROLES = frozenset({Role.CLERK, Role.CHIEF, Role.LEADER})
# Roles of a unit: they see the cases that the unit nominated.
UNIT_ROLES = frozenset({Role.UNIT_HEAD, Role.DEPUTY, Role.LIAISON})
# The three administrators are three people and hold no other role (separation of administration).
ADMINISTRATORS = frozenset({Role.SYSTEM_ADMIN, Role.SECURITY_ADMIN, Role.AUDIT_ADMIN})
# Held without an assignment: everyone is the cadre concerned of his own cases.
IMPLICIT_ROLES = frozenset({Role.CADRE})

_EVERYONE = frozenset({"criteria.read", "notice.read", "account.own", "relation.own"})
# People and units: who reads them, who records leave and secondment of the own people, who keeps the files.
_PEOPLE_READ = frozenset({"people.read", "unit.read"})
_PEOPLE_OWN = _PEOPLE_READ | {"people.duty"}
_PEOPLE_ALL = _PEOPLE_OWN | {"people.manage"}
_CASE_CLERK = frozenset(
    {
        "campaign.read", "return.read", "return.send_back", "return.accept", "team.read",
        "referral.read", "referral.send_back", "referral.verify", "referral.propose_strike_out", "referral.notify",
        "referral.receive_reply", "referral.answer_reply", "referral.defer", "referral.resume", "referral.correct",
        "referral.admit", "referral.practise", "referral.open_review",
        "screening.manage", "meeting.read", "meeting.prepare", "alert.read", "alert.handle",
    }
)  # fmt: skip

# The return review, objections to it, and the follow-up after it.
_REVIEW_CLERK = frozenset({"review.read", "referral.receive_objection", "follow_up.enter"})
_REVIEW_CHIEF = _REVIEW_CLERK | {"referral.answer_objection", "referral.propose_exit"}
_REVIEW_LEADER = frozenset({"review.read", "referral.decide_exit", "referral.overturn"})
# Consequences and unit measures, by role.
_CONSEQUENCES: dict[str, frozenset[str]] = {
    Role.CLERK: frozenset(
        {"penalty.read", "eligibility.ask", "payroll.read", "payroll.draw", "measure.read", "measure.interview"}
    ),
    Role.CHIEF: frozenset(
        {"penalty.read", "eligibility.ask", "payroll.read", "payroll.draw", "measure.read", "measure.interview",
         "measure.propose"}
    ),
    Role.LEADER: frozenset({"penalty.read", "eligibility.ask", "measure.read", "measure.decide"}),
    Role.UNIT_HEAD: frozenset({"penalty.read", "eligibility.ask", "measure.read"}),
    Role.DEPUTY: frozenset({"penalty.read", "eligibility.ask", "measure.read"}),
    Role.PAYROLL: frozenset({"payroll.read", "payroll.execute"}),
}  # fmt: skip

GRANTS: dict[str, frozenset[str]] = {
    Role.CLERK: _EVERYONE | _CASE_CLERK | _REVIEW_CLERK | _PEOPLE_ALL,
    Role.CHIEF: _EVERYONE
    | _CASE_CLERK
    | _REVIEW_CHIEF
    | _PEOPLE_ALL
    | {"relation.record"}
    | {
        "round.open", "round.conclude", "campaign.conclude", "team.manage", "edition.copy",
        "referral.draft_county", "referral.nominate_county", "referral.record_review",
        "alert.scan_now",
    },
    Role.LEADER: _EVERYONE
    | _REVIEW_LEADER
    | _PEOPLE_READ
    | {
        "campaign.read", "return.read", "team.read", "referral.read", "referral.strike_out", "referral.discontinue",
        "referral.transfer", "referral.decide", "referral.place", "meeting.read", "meeting.record",
        "alert.read", "report.read",
        "practice.read",
    },
    Role.DEPARTMENT_ADMIN: _EVERYONE
    | {"unit.read", "unit.manage"}
    | {"campaign.read", "campaign.create", "campaign.conclude", "round.open", "round.conclude", "edition.copy", "edition.approve",
       "return.read", "report.read", "report.export"},
    Role.VERIFIER: _EVERYONE | {"referral.read", "referral.verify", "referral.propose_strike_out"},
    Role.UNIT_HEAD: _EVERYONE
    | _PEOPLE_OWN
    | {"return.read", "return.prepare", "return.sign", "return.withdraw", "referral.read",
       "referral.draft", "referral.withdraw"},
    Role.DEPUTY: _EVERYONE
    | _PEOPLE_READ
    | {"return.read", "return.prepare", "referral.read", "referral.draft", "referral.nominate_for_head"},
    Role.LIAISON: _EVERYONE | _PEOPLE_OWN | {"return.read", "return.prepare", "referral.read", "referral.draft"},
    Role.CADRE: _EVERYONE | {"referral.read", "referral.reply", "referral.object"},
    Role.CLASS_TEACHER: _EVERYONE,
    Role.FIELD_SUPERVISOR: _EVERYONE,
    Role.PAYROLL: _EVERYONE,
    Role.INSPECTOR: _EVERYONE | {"unit.read"} | {"campaign.read", "return.read", "referral.read", "referral.inspect"},
    Role.SYSTEM_ADMIN: _EVERYONE | {"account.manage", "health.read"},
    Role.SECURITY_ADMIN: _EVERYONE | {"role.grant"},
    Role.AUDIT_ADMIN: _EVERYONE | {"trail.read"},
    # Beat's own steps: no person clears or reopens an alert.
    Role.SYSTEM: frozenset({"alert.scan"}),
}  # fmt: skip
GRANTS |= {role: GRANTS[role] | codes for role, codes in _CONSEQUENCES.items()}

# Field practice: read; write the own log and ledger; enter what stands on numbered paper; sign, rate and confirm as supervisor.
for _role in (Role.CLERK, Role.CHIEF, Role.CLASS_TEACHER):
    GRANTS[_role] |= {"practice.read", "practice.enter"}
GRANTS[Role.CADRE] |= {"practice.read", "practice.log"}
GRANTS[Role.FIELD_SUPERVISOR] |= {"practice.read", "practice.sign"}
GRANTS[Role.INSPECTOR] |= {"practice.read"}

# The class: reading it, running it from day to day (timetable, rolls, quiz, monitor), opening it and closing its phases.
_CLASS_ROOM = frozenset({"cohort.read", "cohort.teach"})
GRANTS[Role.CLERK] |= _CLASS_ROOM | {"cohort.manage"}
GRANTS[Role.CHIEF] |= _CLASS_ROOM | {"cohort.manage"}
GRANTS[Role.LEADER] |= {"cohort.read"}
GRANTS[Role.CLASS_TEACHER] |= _CLASS_ROOM
GRANTS[Role.CADRE] |= {"class.own"}

# The county's settings and calendar; drafting editions of criteria is "edition.copy".
GRANTS[Role.DEPARTMENT_ADMIN] |= {"setting.manage"}

ALL_GRANTS = frozenset().union(*GRANTS.values())


def granted(role: str, code: str) -> bool:
    """Whether a role holds a grant; the system actor holds all of them."""
    return role == Role.SYSTEM or code in GRANTS.get(role, frozenset())


def roles_with(code: str) -> list[Role]:
    """The roles that hold a grant, in the order of the table."""
    return [Role(role) for role, codes in GRANTS.items() if code in codes]
