"""Sentences of alerts: the rules' names, what each says, why it exists, and the words on its page."""

from typing import Any

from django.utils.translation import gettext_lazy as _

from cohorts.alert.ladder import RUNGS
from cohorts.alert.rule import Severity
from cohorts.referral.models import State
from cohorts.training.models import PhaseKind

RULE_NAMES = {
    "decision_overdue": _("Decision of a meeting not recorded"),
    "phase_not_closed": _("Block of a class not closed"),
    "return_overdue": _("Class over, suspension without an end day"),
    "follow_up_overdue": _("Follow-up after the return overdue"),
    "same_facts_attempted": _("Same facts used again"),
    "retaliation": _("Named by somebody whom the person contradicted"),
    "return_not_as_asked": _("Return not as asked"),
    "silent_record": _("Record without entries"),
    "improbably_many": _("Improbably many names"),
    "evidence_gap": _("Questions on the record left open"),
    "suspension_without_end": _("Suspension without an end day"),
    "suspension_overrun": _("Suspension beyond its end rule"),
    "case_without_step": _("Case without a next step"),
    "reply_over": _("Reply clock over, on no meeting's list"),
    "succession_unqualified": _("In succession and unqualified"),
    "repeat_referral": _("Second referral in succession"),
    "nil_return_contradicted": _("Nil return contradicted"),
    "return_missing": _("Return missing"),
    "objection_unanswered": _("Objection not answered"),
    "result_undecided": _("Result of the review not acted upon"),
    "case_stuck": _("Stuck case"),
    "return_due": _("Return due"),
    "return_late": _("Return late"),
}

ALERTS = {
    "decision_overdue": _(
        "%(unit)s: the %(meeting)s of %(held)s is over and its decision is not recorded; %(cases)s cases on its list wait."
    ),
    "phase_not_closed": _(
        "Class %(class)s of %(year)s: block %(block)s (%(phase)s) was over on %(over)s and is not closed; the trainees cannot go on."
    ),
    "return_overdue": _(
        "Case %(case)s of %(unit)s (%(state)s): its class was over on %(over)s; the suspension of %(start)s runs on without an end day."
    ),
    "objection_unanswered": _(
        "Case %(case)s of %(unit)s: the objection of %(raised)s to the result of the review is not answered."
    ),
    "result_undecided": _(
        "Case %(case)s of %(unit)s (%(state)s): the days for an objection were over on %(due)s, and nothing is decided."
    ),
    "follow_up_overdue": _(
        "Case %(case)s of %(unit)s: what became of the person was to be entered on %(due)s; entries missing: %(late)s."
    ),
    "same_facts_attempted": _(
        "%(unit)s put a name forward (case %(second)s) on facts that case %(first)s has used: %(again)s items. The nomination is refused."
    ),
    "retaliation": _(
        "Case %(case)s of %(unit)s: within the 12 months before, the person had contradicted the nominator (%(reasons)s)."
    ),
    "return_not_as_asked": _("%(unit)s: the return was sent back, it was not as asked: %(reason)s"),
    "silent_record": _(
        "%(unit)s: %(own)s entries of the unit's own since the half-year before, %(outside)s from outside; the last own entry: %(last)s. Look at how the record is kept."
    ),
    "improbably_many": _("%(unit)s named %(names)s of %(staff)s staff, more than three times the county's share."),
    "evidence_gap": _(
        "%(unit)s: questions about %(open)s people are still open after their day, of %(of)s nominated or asked about."
    ),
    "suspension_without_end": _(
        "Case %(case)s of %(unit)s is closed; its suspension of %(start)s (%(decision)s) has no end day."
    ),
    "suspension_overrun": _(
        "Case %(case)s of %(unit)s was closed on %(closed)s; its suspension still runs, until %(end)s, beyond its end rule."
    ),
    "case_without_step": _("Case %(case)s of %(unit)s (%(state)s): nobody can take a next step."),
    "reply_over": _("Case %(case)s of %(unit)s: the reply was due on %(due)s; no meeting has the case on its list."),
    "succession_unqualified": _(
        "A cadre of %(unit)s was referred in succession (cases %(first)s and %(second)s) and is unqualified again: an exit may be proposed."
    ),
    "repeat_referral": _("A cadre of %(unit)s has been referred in succession: cases %(first)s and %(second)s."),
    "nil_return_contradicted": _(
        "%(unit)s filed a nil return on %(filed)s; %(items)s items from outside the unit are on record about its people."
    ),
    "return_missing": _("%(unit)s has not filed its return, due on %(due)s."),
    "case_stuck": _("Case %(case)s of %(unit)s: %(state)s since %(since)s, longer than %(days)s days."),
    "return_due": _("%(unit)s: the return is due on %(due)s and not filed yet."),
    "return_late": _("%(unit)s filed its return on %(filed)s; it was due on %(due)s."),
}

# Why a rule exists and to whom it goes, for the page of an alert.
WHY = {
    "decision_overdue": _("Until the minutes are recorded no case on the list can go on. The leader records the decision; if the meeting was not held, the section puts the cases on the list of the next one."),
    "phase_not_closed": _("The section chief closes a block; the trainees then go on together. Days beyond the programme are days that nobody decided."),
    "return_overdue": _("The suspension ends with the return only. When the class is over and no result is recorded, the allowance stays stopped without anybody having decided it."),
    "objection_unanswered": _("Nothing is decided about the person before the objection is answered; meanwhile the consequences run on. The section chief answers, or orders another review."),
    "result_undecided": _("The person waits to learn what becomes of him, and the consequences run on. The leader decides on return, stay or extension."),
    "follow_up_overdue": _("Three, six and twelve months after the return somebody asks what became of the person. The section's clerks enter it."),
    "same_facts_attempted": _("Nobody is referred twice for the same facts; a corrected item is the same fact. Ask the unit for new facts, or why it named the person again. The alert goes when the draft rests on new facts or is discarded."),
    "retaliation": _("Whoever contradicts must not be named for it. The team looks at the facts with particular care; nothing else follows."),
    "return_not_as_asked": _("A return that had to be sent back stays on record until the round is concluded. It is a matter of procedure."),
    "silent_record": _("Where nothing is written down nobody can be asked about. An inspection of the record helps; no person is named and nothing else follows."),
    "improbably_many": _("Many names may be many cases, or a list to pass on, or a quarrel. Verification looks at each name as always."),
    "evidence_gap": _("Records of these people meet a situation, the unit did not name them and gave no explanation that somebody outside it accepted. It clears as soon as they are named, or an explanation is accepted, or the record turns out to be wrong."),
    "suspension_without_end": _("With the closing of a case its suspension gets its end day; without one the allowance would stay stopped."),
    "suspension_overrun": _("A suspension ends with the return: in whole months on the first day of the following month, else on the day."),
    "case_without_step": _("Every open case has somebody who must act: here the state offers no step, or nobody holds the role."),
    "reply_over": _("When the time for the reply is over, the case goes on the list of the next meeting."),
    "succession_unqualified": _("Referred twice in succession and still unqualified is where the scheme allows an exit to be proposed. People decide."),
    "repeat_referral": _("Two referrals in adjacent campaigns, at most 24 months apart, are one matter to be looked at together."),
    "nil_return_contradicted": _("A nil return and records of other offices of the year before or after it do not agree. It asks a question; it accuses nobody."),
    "return_missing": _("The unit was asked and the closing day is over. A reminder by telephone helps most."),
    "case_stuck": _("The case has been in one state for longer than the county's setting allows."),
    "return_due": _("The closing day is near. A reminder now saves a late return."),
    "return_late": _("The return came after the closing day; that stays on record until the round is concluded."),
}  # fmt: skip

FACTS = {
    "raised": _("Objection of"), "meeting": _("Meeting"), "held": _("Held on"), "cases": _("Cases on its list"), "class": _("Class"), "year": _("Year"), "block": _("Block"),
    "phase": _("Kind of block"), "over": _("Over on"), "late": _("Entries missing"), "again": _("Items used again"),
    "unit": _("Unit"), "case": _("Case"), "due": _("Due day"), "filed": _("Filed on"), "items": _("Items from outside"), "first": _("First case"),
    "second": _("Second case"), "start": _("Begun on"), "decision": _("Number of the decision"), "closed": _("Closed on"),
    "end": _("End day on record"), "state": _("State"), "since": _("Since"), "days": _("Days allowed"),
    "reasons": _("What happened before"), "reason": _("Reason"), "own": _("Entries of the unit's own"), "outside": _("Entries from outside"),
    "last": _("Last own entry"), "names": _("Names"), "staff": _("Staff in post"), "open": _("People with an open question"), "of": _("Nominated or asked about"),
}  # fmt: skip

SENTENCES: dict[str, Any] = {
    **{f"rule.{code}": text for code, text in RULE_NAMES.items()},
    **{f"alert.{code}": text for code, text in ALERTS.items()},
    **{f"why.alert.{code}": text for code, text in WHY.items()},
    **{f"fact.{code}": text for code, text in FACTS.items()},
    "fact": "%(value)s",
    **{f"case_state.{state.value}": state.label for state in State},
    f"severity.{Severity.TODAY}": _("today"),
    f"severity.{Severity.WEEK}": _("within the week"),
    f"severity.{Severity.NOTE}": _("for your notice"),
    **{f"phase.{kind.value}": kind.label for kind in PhaseKind},
    "silent.never": _("none"),
    "retaliation.overturned": _("an earlier case of this nominator was overturned"),
    "retaliation.disputed": _("the person disputed an entry that the nominator made"),
    "retaliation.appealed": _("the person appealed against points that the nominator entered or decided on"),
    "retaliation.quarrel": _("a dispute between the two is or was declared"),
    "event.alert.raise": _("Alert raised by the scan"),
    "event.alert.renew": _("New facts found by the scan"),
    "event.alert.acknowledge": _("Acknowledge"),
    "event.alert.assign": _("Assign an owner"),
    "event.alert.resolve": _("Resolve"),
    "event.alert.clear": _("Cleared by the scan: the cause is gone"),
    "event.alert.reopen": _("Reopened by the scan: the cause is back"),
    "event.alert.heed": _("Take note"),
    "event.alert.climb": _("One level up"),
    "event.alert.remind": _("Reminded again"),
    "event.alert.call": _("Reminder recorded"),
    "event.alert.measure": _("Measure taken"),
    "event.unitreturn.call": _("Call recorded"),
    **{f"level.{rung.code}": rung.level.label for rung in RUNGS},
    "call.answered": _("%(who)s: %(answer)s"),
    "follow.measure": _("Open the measure"),
    "guard.alert_other_level": _("The alert asks another level now."),
    "guard.alert_settled": _("The alert is settled, or is none that climbs: nothing is left to do about it."),
    "guard.measure_not_at_level": _("This measure is not offered at the level on which the alert stands."),
    "notice.alert_level": _("%(unit)s: “%(rule)s” now stands at your level (%(level)s); if nothing happens it goes one level up on %(next)s."),
    "why.alert_level": _("You receive this because nothing has settled the matter below your level, and you are the %(level)s. Nobody above you was told."),
    "notice.alert_level_last": _("%(unit)s: “%(rule)s” now stands at your level (%(level)s), the last one."),
    "why.alert_level_last": _("You receive this because nothing has settled the matter below your level (%(level)s)."),
    "notice.alert_levels": _("%(count)s alerts now stand at your level (%(level)s), among others of %(units)s."),
    "why.alert_levels": _("You receive this because nothing has settled these matters below your level (%(level)s)."),
    "notice.alert_remind": _("%(unit)s: “%(rule)s” still stands at your level (%(level)s); on %(next)s it goes one level up."),
    "why.alert_remind": _("You receive this again because the matter is not settled. Taking note of the alert pauses the reminders for some days."),
    "notice.alert_remind_last": _("%(unit)s: “%(rule)s” still stands at your level (%(level)s)."),
    "why.alert_remind_last": _("You receive this again because the matter is not settled. Taking note of the alert pauses the reminders for some days."),
    "notice.alert_reminds": _("%(count)s alerts still stand at your level (%(level)s), among others of %(units)s."),
    "why.alert_reminds": _("You receive this again because these matters are not settled. Taking note of an alert pauses its reminders for some days."),
    "ladder.text": _("Reminder: a matter of your unit in Retrain (%(rule)s) has waited since %(since)s. Please sign in and settle it; on %(next)s it is put before the next level."),
    "ladder.text.last": _("Reminder: a matter of your unit in Retrain (%(rule)s) has waited since %(since)s. Please sign in and settle it; it is before the leaders now."),
    "guard.alert_owner": _("Choose somebody who handles alerts here and is not barred from the case."),
    "guard.alert_same_owner": _("This person owns the alert already."),
    "guard.alert_not_owner": _("Only its owner resolves an alert. Assign it to yourself first."),
    "guard.alert_no_note": _("Say what was done and what became of it."),
    "guard.call_not_needed": _("The return has been filed meanwhile; no call is needed."),
    "notice.alert_assigned": _("%(unit)s: an alert was assigned to you."),
    "why.alert_assigned": _("You receive this because you are now the owner of the alert."),
    "why.alerts_raised": _("You receive this because you handle the alerts of your department."),
    "notice.alert_digest": _("%(count)s alerts stand, the worst first: %(worst)s."),
    "why.alert_digest": _(
        "You receive this once a day because you handle the alerts of your department and some still stand."
    ),
    "why.evidence_gap": _("You receive this because you sign or prepare your unit's return, and the day of the answer is over."),
    "notice.return_due": _("%(unit)s: your return is due on %(due)s."),
    "why.return_due": _("You receive this because you sign or prepare your unit's return, and the closing day is near."),
    "call.due": _("return due"),
    "call.missing": _("return missing"),
    "call.sent_back": _("return sent back"),
    "call.text.due": _("Reminder: your unit's return is due on %(due)s. Please sign in to Retrain and file it, names or a nil return."),
    "call.text.missing": _("Reminder: your unit's return was due on %(due)s and is missing. Please sign in to Retrain and file it today."),
    "call.text.sent_back": _("Reminder: your unit's return was sent back. Please sign in to Retrain, read the reason and file it again; it is due on %(due)s."),
    "job.scan_alerts": _("Scan of alerts"),
    "job.climb_alerts": _("Ladder of alerts"),
    "figure.climbed": _("One level up"),
    "figure.reminded": _("Reminded again"),
    "job.alert_digest": _("Daily digest of alerts"),
    "figure.told": _("People told"),
    "job_page.scan_alerts": "/alerts/",
    "figure.raised": _("Raised"),
    "figure.reopened": _("Reopened"),
    "figure.renewed": _("With new facts"),
    "figure.cleared": _("Cleared"),
    "figure.standing": _("Standing"),
    "figure.asked": _("Questions asked"),
}  # fmt: skip
