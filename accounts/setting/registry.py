"""The registry of the county's settings: default, words, choices and source. Adding one is one entry here."""

import datetime as dt
from collections.abc import Callable
from typing import Any, NamedTuple

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from accounts.setting import preview


class Setting(NamedTuple):
    """A setting's default and what it means; the county's page builds its form from the default's type.

    ``choices`` are the values that may stand in a text or a list; ``keys`` the words for the keys of a dict; ``ordered``
    says that the order of a list counts; ``help`` what the setting does, with its legal or practice source.
    """

    default: Any
    label: str | Promise
    help: str | Promise = ""
    choices: tuple[tuple[str, str | Promise], ...] = ()
    keys: dict[str, str | Promise] = {}
    ordered: bool = False
    # Of a schedule: what a value means from a day on, as (what falls due, its day), five of them.
    preview: Callable[[Any, dt.date], list[tuple[str, dt.date]]] | None = None
    # A limit or a consequence that hits people or units: a second person confirms the draft.
    second_person: bool = False


_UNIT_KINDS = (
    ("office", _("county office")),
    ("bureau", _("bureau")),
    ("town", _("town")),
    ("institution", _("public institution")),
)

SETTINGS: dict[str, Setting] = {
    "reply_days": Setting(
        5, _("Working days for the reply, counted from the day after service"),
        help=_("So long the cadre may reply to the notice of reasons; nothing is decided before. A reply that is running keeps the days of its service. Source: practice of the department; the report names no number."),
        preview=preview.after_days,
    ),
    "second_check_days": Setting(
        10, _("Working days for the second verification of a drawn case"),
        help=_("Chance draws some of the cases whose verification is over. So long the section has for naming a second verifier, and then the second verifier for the word on each criterion; the case does not wait for it. Source: practice; the report names no number."),
        preview=preview.after_days,
    ),
    "meeting_routes": Setting(
        {
            "ordinary": ["department"],
            "section_level": ["department", "standing_committee"],
            "own": ["standing_committee"],
            "institution": ["party_group", "department"],
            "other_organizer": ["party_group"],
        },
        _("Which meetings decide, in order, by kind of case"),
        help=_("The last meeting confirms, the earlier ones agree. Cases of the department's own people are never decided by the department itself. Source: Regulation on selection and appointment of leading cadres, decisions by collective discussion."),
        choices=(
            ("department", _("department meeting")),
            ("standing_committee", _("standing committee")),
            ("party_group", _("party group of the supervising body")),
        ),
        keys={
            "ordinary": _("Ordinary cadres"), "section_level": _("Cadres of section level"),
            "own": _("The organization department's own cadres"), "institution": _("Institution staff"),
            "other_organizer": _("Campaigns of another organizer"),
        },
        ordered=True,
    ),
    "unit_signers": Setting(
        {"office": "director", "bureau": "party_group_secretary", "town": "party_secretary", "institution": "principal"},
        _("Who signs the return, by kind of unit"),
        help=_("Printed at the place of signature on the return. In a bureau the secretary of the party group signs even where somebody else is chief; an acting head signs by document. Source: practice of county departments."),
        choices=(
            ("party_secretary", _("secretary of the party committee")),
            ("party_group_secretary", _("secretary of the party group")),
            ("director", _("director of the office")),
            ("branch_secretary", _("secretary of the party branch")),
            ("principal", _("branch secretary or principal")),
        ),
        keys=dict(_UNIT_KINDS),
    ),
    "electronic_signing": Setting(
        [], _("Kinds of unit that may sign by re-entered password instead of on paper"),
        help=_("Paper with signature and stamp is the rule, because a password is easily handed to the office. Where nothing is ticked, every unit signs on paper. Source: practice; Electronic Signature Law Art. 3 leaves the form to the parties."),
        choices=_UNIT_KINDS,
    ),
    "follow_days": Setting(
        15, _("Days after the closing day up to which a unit may announce material to follow"),
        help=_("A unit signs the names that are ready and lists the others with a day; until that day they are not late. Source: practice."),
    ),
    "send_back_days": Setting(
        5, _("Working days in which a name that was sent back may come again without being late"),
        help=_("The clerk may give another day when sending back. Source: practice."),
    ),
    "question_days": Setting(
        10, _("Working days in which a unit answers a question on its record"),
        help=_("After the closing day each person whose record meets a situation and who was not named becomes a question to the unit: name, explain or dispute. Until its day it counts nowhere. Source: practice."),
    ),
    "talks": Setting(
        3, _("Talks that a verification holds at least"),
        help=_("People with whom the verification team talks before it reports. Source: practice."),
    ),
    "return_due_days": Setting(
        3, _("Working days before the closing day from which a return counts as due"),
        help=_("From then on the unit stands on the call list."),
    ),
    "ladder_days": Setting(
        {"grace": 1, "liaison": 2, "head": 3, "section": 5},
        _("Working days after which an alert about a unit goes one level up"),
        help=_("An alert about a unit that nobody settles climbs: liaison, unit head, section, leader. Each level is told when it is reached, nobody before. A changed value holds for every alert from its day on. Source: practice."),
        keys={
            "grace": _("Grace period, before the liaison is told"), "liaison": _("With the liaison"), "head": _("With the unit head"),
            "section": _("With the section"),
        },
        preview=preview.ladder,
    ),
    "ladder_nag_days": Setting(
        2, _("Working days after which the same level is reminded again"),
        help=_("Until the alert is settled; 0 reminds nobody. Source: practice."), preview=preview.every_days,
    ),
    "ladder_pause_days": Setting(
        3, _("Working days for which a level that has taken note is not reminded"),
        help=_("Taking note pauses the reminders only: the days of the level run on, so that an alert cannot be put to sleep."),
        preview=preview.after_days,
    ),
    "indicator_weights": Setting(
        {"late": 5, "missing": 15, "sent_back": 3, "climbed": 5, "flagged": 10, "measures": 10},
        _("Points deducted in the heads' indicator, for each"),
        help=_("The indicator “how the unit carried out its duty to refer” begins at 100 and never falls below 0. The report names no weights; these are ours. It exists from the day that the standing committee's resolution names."),
        keys={
            "late": _("Return filed late"), "missing": _("Return missing"), "sent_back": _("Return sent back"),
            "climbed": _("Alert that climbed to the section"), "flagged": _("Flagged by the scan"), "measures": _("Measure in effect"),
        },
        second_person=True,
    ),
    "stuck_days": Setting(
        {
            "nominated": 30, "strike_out_proposed": 10, "deferred": 180, "verified": 15, "notified": 30, "confirmed": 30,
            "under_review": 20, "qualified": 15, "unqualified": 15, "exit_proposed": 30,
        },
        _("Days after which a case counts as stuck, by state"),
        help=_("Calendar days without a step before an alert reminds of the case."),
        keys={
            "nominated": _("nominated"), "strike_out_proposed": _("strike-out proposed"), "deferred": _("deferred"), "verified": _("verified"),
            "notified": _("notified"), "confirmed": _("confirmed"), "under_review": _("under review"), "qualified": _("qualified"),
            "unqualified": _("unqualified"), "exit_proposed": _("exit proposed"),
        },
    ),
    "overdue_days": Setting(
        {"meeting": 3, "phase": 3, "objection": 5, "result": 5, "return": 15, "follow_up": 10},
        _("Working days after which something that was due counts as overdue"),
        help=_("After the day itself, before an alert reminds of it. Source: practice."),
        keys={
            "meeting": _("Meeting held, decision not recorded"), "phase": _("Block of a class over, not closed"),
            "objection": _("Objection to a review, not answered"), "result": _("Days for an objection over, nothing decided"),
            "return": _("Class over, case not closed and the suspension without an end day"), "follow_up": _("Follow-up after the return"),
        },
    ),
    "practice_logs_per_week": Setting(
        1, _("Log entries expected of a trainee in a week of field practice"),
        help=_("Weekly is the rule; more is a burden that needs a reason. Source: rules on reducing burdens at the grassroots."),
    ),
    "review_weights": Setting(
        {"theory": 20, "discipline": 15, "practice": 35, "villagers": 20, "defence": 10},
        _("Weights of the parts of the return review (together 100)"),
        help=_("A review keeps the weights of its day. The report names no weights; these are ours."),
        keys={
            "theory": _("Theory exam"), "discipline": _("Attendance and discipline"), "practice": _("Practice results"),
            "villagers": _("Opinion of villagers and host unit"), "defence": _("Self-report and defence"),
        },
        second_person=True,
    ),
    "review_pass_points": Setting(
        60, _("Points from which a return review is passed"), help=_("Of 100 points. The report names no limit; this one is ours."),
        second_person=True,
    ),
    "objection_days": Setting(
        5, _("Working days for an objection to the result of the return review"),
        help=_("So long nothing is decided after a review, unless the objection is answered or waived in writing."),
        preview=preview.after_days,
    ),
    "exit_needs_two_failures": Setting(
        False, _("An exit proposal also requires that the previous return review was unqualified"),
        help=_("The report: referred twice in succession and still unqualified. Ticked, the milder reading holds: both reviews unqualified."),
        second_person=True,
    ),
    "penalties": Setting(
        ["suspension", "merit_loss", "promotion_bar"], _("Consequences that are switched on in this county"),
        help=_("What is not ticked does not start with an admission; what runs already runs on. Source: report of 2019; Civil Servants Law Arts. 80, 95(7)."),
        choices=(
            ("suspension", _("Suspension of the allowance")), ("merit_loss", _("No merit awards")), ("promotion_bar", _("No promotion")),
        ),
        second_person=True,
    ),
    "suspension_items": Setting(
        {
            "civil_servant": "working_allowance", "managed": "working_allowance", "institution_admin": "incentive_pay",
            "institution_technical": "incentive_pay", "worker": "incentive_pay",
        },
        _("Which item is suspended, by personnel category"),
        help=_("The working allowance exists for civil servants and those managed as such only. Source: practice; check the county's wage rules."),
        choices=(("working_allowance", _("working allowance")), ("incentive_pay", _("incentive performance pay"))),
        keys={
            "civil_servant": _("civil servant"), "managed": _("managed as a civil servant"), "institution_admin": _("institution staff, administrative"),
            "institution_technical": _("institution staff, technical"), "worker": _("worker"),
        },
        second_person=True,
    ),
    "ballot_poor_percent": Setting(
        33, _("Share of “poor” (percent) from which a unit may put the result of a ballot on record"),
        help=_("A ballot supports a nomination and never suffices for one. A ballot keeps the share of the day on which it was opened. Source: practice, a third of the valid answers; the report names none."),
        second_person=True,
    ),
    "promotion_bar_months": Setting(
        6, _("Months without promotion, counted from the return"),
        help=_("Every bar has an end day. Measured by the usual period of an admonition; the report names none."),
        second_person=True,
    ),
    "payroll_cutoff_day": Setting(
        10, _("Day of the month until which the list for payroll is drawn up"),
        help=_("What is decided later goes into the next month, with the months in arrears named. Source: practice."),
        preview=preview.day_of_month,
    ),
    "look_days": Setting(
        {"leader": 1, "in_charge": 1, "roving": 1},
        _("Days a week on which each line of supervision looks"),
        help=_("Used only where a unit keeps the record of findings. By the scheme the top leader looks once a week and the leader in charge or village team head every day (5); one look a week is asked for unless the county wants more. Source: rules on reducing burdens at the grassroots."),
        keys={
            "leader": _("top leader"), "in_charge": _("leader in charge or village team head"),
            "roving": _("roving inspection"),
        },
    ),
    "payroll_channels": Setting(
        {"education": []}, _("Units (codes) whose people another office pays; the finance bureau pays the rest"),
        help=_("One list for each paying channel."), keys={"education": _("Accounting centre of the education bureau")},
    ),
    "export_direct_rows": Setting(
        2000, _("Rows up to which a report is made at once; above, in the background"),
        help=_("A larger report is made by a worker; its file waits under My tasks."),
    ),
    "suspension_units": Setting(
        "months", _("Allowance suspension in whole months, or in days of 21.75 a month"),
        help=_("Whole months run from the month after the decision to the month of the return. Days are reckoned at 21.75 paid days a month (notice of the Ministry of Labour, 2008 No. 3)."),
        choices=(("months", _("whole months")), ("days", _("days"))),
        second_person=True,
    ),
}  # fmt: skip
