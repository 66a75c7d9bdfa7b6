"""Sentences of the return review and of what follows it."""

from django.utils.translation import gettext_lazy as _

from accounts.people.models import DutyKind
from cohorts.review.models import Part

ACTIONS = {
    "referral.fail": _("Record an unqualified review"),
    "referral.object": _("Respond to the result"),
    "referral.answer_objection": _("Answer the objection: the result stands"),
    "referral.review_anew": _("Uphold the objection: review anew"),
    "referral.stay_at_grassroots": _("Stay at the grassroots"),
    "referral.extend": _("Extend into the next class"),
    "referral.reassign": _("Give another post"),
    "referral.propose_exit": _("Propose the exit"),
    "referral.decide_exit": _("Record the approved exit"),
    "referral.keep_on": _("Keep the person on"),
    "referral.overturn": _("Overturn the case"),
    "followup.enter": _("Follow-up entered"),
}

GUARDS = {
    "weights_unsound": _("The county's weights of the review do not sum to 100; put the setting right first."),
    "part_range": _("Each part is scored from 0 to 100 points."),
    "parts_missing": _("These parts have no score yet: %(parts)s. A missing part never counts as 0."),
    "panel_hand": _("%(name)s nominated, verified or decided this case and cannot sit on its panel."),
    "panel_related": _("%(name)s is recused from this case and cannot sit on its panel."),
    "panel_unit": _("%(name)s belongs to the cadre's own unit and cannot sit on the panel."),
    "dissent_outside": _("Only members of the panel can disagree with its result."),
    "panel_against": _("The majority of the panel disagrees with this result."),
    "absent_too_much": _(
        "Absent for more than a seventh of the class hours: the panel can only record an unqualified review."
    ),
    "too_few_points": _("%(found)s points are fewer than %(points)s: record an unqualified review."),
    "enough_points": _("The review is passed from %(points)s points on: record it as qualified."),
    "no_review": _("There is no review yet."),
    "objection_on_file": _("An objection, or the word that there will be none, is on file already."),
    "objection_late": _("The time for an objection ended on %(day)s."),
    "objection_empty": _("Write the objection, or mark that there will be none."),
    "no_objection": _("There is no objection to answer."),
    "objection_unanswered": _("The cadre's objection is not answered yet."),
    "objection_runs": _("The cadre may object until the end of %(day)s."),
    "no_choice": _("State the day of the cadre's written choice, and attach it or give its number."),
    "not_next_class": _("Choose a later class of this campaign or of the next one."),
    "no_post": _("State the new post and the number of the document."),
    "not_in_succession": _("This case does not stand in succession to an earlier one; an exit cannot be proposed."),
    "passed_before": _("The previous review was qualified; the county's setting then allows no exit proposal."),
    "other_ground": _("This ground does not exist for the person's category."),
    "no_proof": _("Attach the proof of the ground."),
    "protected_on_record": _("On record: %(kind)s. The law forbids dismissal in that time."),
    "bar_list_open": _("Tick each item of the bar list."),
    "no_discipline_opinion": _("The discipline commission's prior opinion is not on file: number and date."),
    "other_approval": _("This body cannot approve the exit of a person of this category."),
    "no_approval": _("State number and date of the approval."),
    "not_filed": _("State when the decision was filed with human resources."),
    "no_examination": _("State the number of the civil-servant authority's examination."),
    "exit_days": _("The days run in order: proposal, approval, end of the service."),
    "took_part": _("You have had a hand in this case; another leader decides."),
    "no_decision": _("State number and date of the decision."),
}

NOTICES = {
    "unqualified": _("Case %(case)s: the return review is recorded as unqualified."),
    "objected": _("Case %(case)s: the cadre answered on the result of the review."),
    "objection_answered": _("Case %(case)s: the objection to the review is answered."),
    "review_anew": _("Case %(case)s: the objection was upheld; the review is held anew."),
    "stayed": _("Case %(case)s: stays at the grassroots by own choice."),
    "extended": _("Case %(case)s: extended into the next class."),
    "reassigned": _("Case %(case)s: another post was given."),
    "exit_proposed": _("Case %(case)s: an exit proposal waits for the decision."),
    "exited": _("Case %(case)s: the exit is recorded."),
    "kept_on": _("Case %(case)s: the person is kept on."),
    "overturned": _("Case %(case)s was overturned; nothing of it stays in force."),
}

SENTENCES = {
    **{f"event.{code}": text for code, text in ACTIONS.items()},
    **{f"guard.{code}": text for code, text in GUARDS.items()},
    **{f"notice.{code}": text for code, text in NOTICES.items()},
    **{f"part.{part.value}": part.label for part in Part},
    **{f"duty.{kind.value}": kind.label for kind in DutyKind},
}
