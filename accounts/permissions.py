"""Who may do what: the one table. A grant is a code; the scope of rows is each model's ``visible_to``.

Adding a role or a right is one line here plus its expected row in ``tests/access_expected.csv``.
"""

from collections.abc import Set

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
    TEAM_HEAD = "team_head", _("Village team head")
    RECORDER = "recorder", _("Outside recorder")
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
# Who signs and answers for a unit's daily record: the liaison keeps it for them.
UNIT_LEADERS = frozenset({Role.UNIT_HEAD, Role.DEPUTY})
# The three administrators are three people and hold no other role (separation of administration).
ADMINISTRATORS = frozenset({Role.SYSTEM_ADMIN, Role.SECURITY_ADMIN, Role.AUDIT_ADMIN})
# Held without an assignment: everyone is the cadre concerned of his own cases.
IMPLICIT_ROLES = frozenset({Role.CADRE})

_EVERYONE = frozenset(Role) - {Role.SYSTEM}
_CASE_OFFICE = frozenset({Role.CLERK, Role.CHIEF})

GRANTS: dict[str, Set[Role]] = {
    # Everybody's own.
    "notice.read": _EVERYONE,
    "criteria.read": _EVERYONE,
    "criteria.consistency": ORGANIZER_ROLES,
    # Criteria and settings.
    "edition.approve": {Role.LEADER, Role.DEPARTMENT_ADMIN},
    "edition.copy": {Role.CHIEF, Role.DEPARTMENT_ADMIN},
    "setting.confirm": {Role.LEADER, Role.DEPARTMENT_ADMIN},
    "setting.manage": {Role.DEPARTMENT_ADMIN},
    # The daily record: who keeps, who reads, and what everybody finds of his own.
    "record.read": ORGANIZER_ROLES | UNIT_ROLES,
    "record.own": {Role.CADRE},
    "evidence.add": _CASE_OFFICE | UNIT_ROLES,
    "task.keep": UNIT_ROLES,
    "task.settle": UNIT_LEADERS,
    "finding.record": UNIT_LEADERS | {Role.TEAM_HEAD, Role.RECORDER},
    "finding.gaps": ORGANIZER_ROLES,
    "finding.sheet": {Role.RECORDER},
    "finding.read": ORGANIZER_ROLES | UNIT_ROLES | {Role.TEAM_HEAD, Role.RECORDER},
    "points.keep": UNIT_ROLES,
    "points.settle": {Role.UNIT_HEAD},
    "points.read": UNIT_ROLES,
    # Rules are drafted by whoever keeps the ledger and approved by a leader who had no hand in the draft.
    "points.draft_rule": UNIT_ROLES,
    "points.rule": UNIT_LEADERS,
    "points.answer_appeal": UNIT_LEADERS,
    "ballot.manage": UNIT_ROLES,
    "ballot.vote": {Role.CADRE},
    "panel.manage": UNIT_ROLES,
    "panel.conclude": UNIT_LEADERS,
    "panel.score": UNIT_ROLES | {Role.CADRE},
    # People and units: who reads them, records leave and secondment of the own people, keeps the files.
    "people.duty": _CASE_OFFICE | {Role.UNIT_HEAD, Role.LIAISON},
    "people.manage": _CASE_OFFICE,
    "people.read": ORGANIZER_ROLES | UNIT_ROLES,
    "unit.manage": {Role.DEPARTMENT_ADMIN},
    "unit.read": ORGANIZER_ROLES | UNIT_ROLES | {Role.DEPARTMENT_ADMIN, Role.INSPECTOR},
    "relation.own": _EVERYONE,
    "relation.record": {Role.CHIEF},
    # Campaigns, rounds and the units' returns.
    "campaign.conclude": {Role.CHIEF, Role.DEPARTMENT_ADMIN},
    "campaign.create": {Role.DEPARTMENT_ADMIN},
    "campaign.read": ORGANIZER_ROLES | {Role.DEPARTMENT_ADMIN, Role.INSPECTOR},
    "round.conclude": {Role.CHIEF, Role.DEPARTMENT_ADMIN},
    "round.open": {Role.CHIEF, Role.DEPARTMENT_ADMIN},
    "return.accept": _CASE_OFFICE,
    "return.prepare": UNIT_ROLES,
    "return.read": ORGANIZER_ROLES | UNIT_ROLES | {Role.DEPARTMENT_ADMIN, Role.INSPECTOR},
    "return.send_back": _CASE_OFFICE,
    "return.sign": {Role.UNIT_HEAD},
    "return.withdraw": {Role.UNIT_HEAD},
    # The case, in the order of the road.
    "referral.read": ORGANIZER_ROLES | UNIT_ROLES | {Role.VERIFIER, Role.CADRE, Role.INSPECTOR},
    "referral.draft": UNIT_ROLES,
    "referral.draft_county": {Role.CHIEF},
    "referral.nominate_county": {Role.CHIEF},
    "referral.nominate_for_head": {Role.DEPUTY},
    "referral.send_back": _CASE_OFFICE,
    "referral.withdraw": {Role.UNIT_HEAD},
    "referral.correct": _CASE_OFFICE,
    "referral.defer": _CASE_OFFICE,
    "referral.resume": _CASE_OFFICE,
    "referral.verify": _CASE_OFFICE | {Role.VERIFIER},
    "referral.propose_strike_out": _CASE_OFFICE | {Role.VERIFIER},
    "referral.strike_out": {Role.LEADER},
    "referral.transfer": {Role.LEADER},
    "referral.discontinue": {Role.LEADER},
    "referral.notify": _CASE_OFFICE,
    "referral.reply": {Role.CADRE},
    "referral.receive_reply": _CASE_OFFICE,
    "referral.answer_reply": _CASE_OFFICE,
    "referral.decide": {Role.LEADER},
    "referral.admit": _CASE_OFFICE,
    "referral.practise": _CASE_OFFICE,
    "referral.open_review": _CASE_OFFICE,
    "referral.record_review": {Role.CHIEF},
    "referral.object": {Role.CADRE},
    "referral.receive_objection": _CASE_OFFICE,
    "referral.answer_objection": {Role.CHIEF},
    "referral.place": {Role.LEADER},
    "referral.propose_exit": {Role.CHIEF},
    "referral.decide_exit": {Role.LEADER},
    "referral.overturn": {Role.LEADER},
    "referral.inspect": {Role.INSPECTOR},
    # Verification: teams, screening letters, meetings.
    "team.manage": {Role.CHIEF},
    "team.read": ORGANIZER_ROLES,
    "screening.manage": _CASE_OFFICE,
    # The blind second verification of drawn cases; who reads a criterion's figures reads these (criteria.consistency).
    "second.assign": {Role.CHIEF},
    "second.check": {Role.VERIFIER},
    "meeting.prepare": _CASE_OFFICE,
    "meeting.read": ORGANIZER_ROLES,
    "meeting.record": {Role.LEADER},
    # The class: opening it and closing its phases; running it from day to day (timetable, rolls, quiz, monitor).
    "cohort.manage": _CASE_OFFICE,
    "cohort.read": ORGANIZER_ROLES | {Role.CLASS_TEACHER},
    "cohort.teach": _CASE_OFFICE | {Role.CLASS_TEACHER},
    "class.own": {Role.CADRE},
    # Field practice: what stands on numbered paper is entered; supervisors sign, rate and confirm.
    "practice.enter": _CASE_OFFICE | {Role.CLASS_TEACHER},
    "practice.log": {Role.CADRE},
    "practice.read": ORGANIZER_ROLES | {Role.CADRE, Role.CLASS_TEACHER, Role.FIELD_SUPERVISOR, Role.INSPECTOR},
    "practice.sign": {Role.FIELD_SUPERVISOR},
    # The return review and the follow-up after it.
    "review.read": ORGANIZER_ROLES,
    "follow_up.enter": _CASE_OFFICE,
    # Consequences, payroll, unit measures.
    "penalty.read": ORGANIZER_ROLES | {Role.UNIT_HEAD, Role.DEPUTY},
    "eligibility.ask": ORGANIZER_ROLES | {Role.UNIT_HEAD, Role.DEPUTY},
    "payroll.draw": _CASE_OFFICE,
    "payroll.execute": {Role.PAYROLL},
    "payroll.read": _CASE_OFFICE | {Role.PAYROLL},
    "measure.decide": {Role.LEADER},
    "measure.interview": _CASE_OFFICE,
    "measure.propose": {Role.CHIEF},
    "measure.read": ORGANIZER_ROLES | {Role.UNIT_HEAD, Role.DEPUTY},
    # Questions to units: who reads, answers for the unit, decides from outside it. Beat asks.
    "question.accept": _CASE_OFFICE,
    # The answers of the organizer itself, which its own office cannot decide on.
    "question.accept_organizers": {Role.INSPECTOR},
    "question.answer": UNIT_ROLES,
    "question.ask": {Role.SYSTEM},
    "question.read": ORGANIZER_ROLES | UNIT_ROLES | {Role.INSPECTOR},
    # Alerts and reports. Beat scans: no person clears or reopens an alert.
    # A unit's own people read what has climbed to them; whoever is asked says that he has taken note.
    "alert.handle": _CASE_OFFICE,
    "alert.heed": ORGANIZER_ROLES | {Role.UNIT_HEAD, Role.LIAISON},
    "alert.read": ORGANIZER_ROLES | UNIT_ROLES,
    "alert.scan": {Role.SYSTEM},
    "alert.scan_now": {Role.CHIEF},
    # The heads' first indicator, on the standing committee's resolution; a unit's figures beside those of others.
    "indicator.read": ORGANIZER_ROLES | {Role.DEPARTMENT_ADMIN, Role.UNIT_HEAD},
    "resolution.record": {Role.DEPARTMENT_ADMIN},
    "mirror.read": UNIT_LEADERS,
    "report.export": {Role.DEPARTMENT_ADMIN},
    "report.read": {Role.LEADER, Role.DEPARTMENT_ADMIN},
    # Accounts, roles, the trail: three administrators who are three people.
    "account.manage": {Role.SYSTEM_ADMIN},
    "account.own": _EVERYONE,
    "role.grant": {Role.SECURITY_ADMIN},
    "trail.read": {Role.AUDIT_ADMIN},
    "health.read": {Role.SYSTEM_ADMIN},
}

ALL_GRANTS = frozenset(GRANTS)


def granted(role: str, code: str) -> bool:
    """Whether a role holds a grant; the system actor holds all of them."""
    return role == Role.SYSTEM or role in GRANTS.get(code, ())


def roles_with(code: str) -> list[Role]:
    """The roles that hold a grant, in the order of the table."""
    return [role for role in Role if role in GRANTS.get(code, ())]
