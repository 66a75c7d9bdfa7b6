"""What is written about a case besides its steps: drafts, evidence links, teams, screening letters."""

import datetime as dt
from collections.abc import Iterable
from typing import Any

from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.db.models import F
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from accounts.people.models import barred_cadres
from accounts.permissions import Role
from accounts.setting.models import setting
from accounts.trail.workflow import Entry, append, record
from accounts.user.models import RoleAssignment
from accounts.wording import say
from assessments.evidence.models import Evidence
from assessments.evidence.workflow import add_evidence
from cohorts.referral.models import (
    AT_THE_TEAM,
    CaseEvidence,
    Origin,
    Referral,
    ScreeningAnswer,
    ScreeningLetter,
    State,
    VerificationTeam,
)
from cohorts.referral.second import SecondCheck

# A return whose names may still change.
OPEN_RETURN = ("expected", "prepared", "sent_back")
DRAFT_FIELDS = (
    "facts", "how_raised", "talk_on", "talk_by", "talk_agreed", "no_talk_reason",
    "host_opinion_on", "host_opinion_by", "host_opinion", "host_opinion_file",
)  # fmt: skip


@transaction.atomic
def begin_draft(
    *,
    by: Any,
    cadre: Any,
    campaign: Any,
    unit_return: Any = None,
    origin: str = Origin.UNIT,
    follow_until: dt.date | None = None,
    follow_reason: str = "",
    at: dt.datetime | None = None,
    **content: Any,
) -> Referral:
    """Begin a nomination; it counts as a case only when it is nominated.

    A name that answers a question has a day of its own (``follow_until``) and may come after the return was filed.
    Raises ValidationError when the return names the cadre already or the cadre is not the unit's.
    """
    unit = unit_return.unit if unit_return else cadre.unit
    if not cadre.unit.path.startswith(unit.path):
        raise ValidationError({"cadre": _("This cadre does not belong to the unit.")})
    if cadre.why_not_nominated:
        raise ValidationError({"cadre": say(f"guard.{cadre.why_not_nominated}")})
    if unit_return:
        unit_return.round.refresh_from_db()
    if unit_return and unit_return.round.is_over:
        raise ValidationError(_("The round is concluded or cancelled already."))
    if unit_return and unit_return.state not in OPEN_RETURN and follow_until is None:
        raise ValidationError(_("The return is filed; withdraw it, or wait until it is sent back."))
    case = Referral(campaign=campaign, unit_return=unit_return, unit=unit, cadre=cadre, origin=origin,
                    follow_until=follow_until, follow_reason=follow_reason)  # fmt: skip
    try:
        with transaction.atomic():
            case.save()
    except IntegrityError as error:
        raise ValidationError({"cadre": _("This return names the cadre already.")}) from error
    record("draft.create", case, by=by, at=at, origin=origin)
    return revise_draft(case, by=by, at=at, **content)


@transaction.atomic
def revise_draft(
    case: Referral, *, by: Any, criteria: Iterable[Any] | None = None, evidence: Iterable[Evidence] | None = None,
    new_evidence: Iterable[dict[str, Any]] = (), version: int | None = None, at: dt.datetime | None = None, **content: Any
) -> Referral:  # fmt: skip
    """Change a draft: facts, criteria, the exact items of evidence. Raises ValidationError when it is stale or no draft."""
    changed = Referral.objects.filter(pk=case.pk, state=State.DRAFT, version=version or case.version).update(
        version=F("version") + 1
    )
    if not changed:
        raise ValidationError(_("Somebody was first: the draft has changed meanwhile. Look at it again."), code="stale")
    case.refresh_from_db()
    for name in DRAFT_FIELDS:
        if name in content:
            setattr(case, name, content[name])
    case.save(update_fields=list(DRAFT_FIELDS))
    if criteria is not None:
        case.criteria.set(criteria)
    items = list(evidence) if evidence is not None else None
    codes = list(case.criteria.values_list("code", flat=True))
    # What is typed for a nomination speaks to its criterion; with several the recorder names it on the item's page.
    about = codes[0] if len(codes) == 1 else ""
    fresh = [add_evidence(by=by, cadre=case.cadre, at=at, **({"criterion": about} | fields)) for fields in new_evidence]
    if items is not None:
        case.evidence_links.exclude(evidence__in=items).delete()
    CaseEvidence.objects.bulk_create(
        [CaseEvidence(referral=case, evidence=item) for item in [*(items or []), *fresh]], ignore_conflicts=True
    )
    record("draft.revise", case, by=by, at=at, criteria=codes)
    return case


@transaction.atomic
def discard_draft(case: Referral, *, by: Any) -> None:
    """Throw a draft away; the evidence stays on record. Raises ValidationError when it is nominated already."""
    record("draft.discard", case, by=by)
    deleted, _rows = Referral.objects.filter(pk=case.pk, state=State.DRAFT).delete()
    if not deleted:
        raise ValidationError(_("Only a draft can be discarded."))


def may_verify(case: Referral, user: Any) -> bool:
    """The conflict filter: not the nominator, not barred, not of the same post-holding unit."""
    if user.cadre is None or (case.nominated_by and case.nominated_by.cadre_id == user.cadre_id):
        return False
    return case.cadre_id not in barred_cadres(user.cadre_id) and user.cadre.unit_id != case.cadre.unit_id


def _check_team(members: list[Any], cases: list[Referral]) -> None:
    """Raises ValidationError: too few, no case, or a conflict."""
    if len({m.cadre_id for m in members if m.cadre_id}) < 2:
        raise ValidationError({"members": _("A team has two members or more.")})
    if not cases:
        raise ValidationError({"cases": _("Choose at least one case.")})
    for case in cases:
        for member in members:
            if not may_verify(case, member):
                words = {"name": member, "case": case.number}
                raise ValidationError({"members": _("%(name)s is recused from case %(case)s.") % words})


def make_verifiers(people: Iterable[Any], organizer: Any, on: dt.date) -> list[RoleAssignment]:
    """The verifier's role over the organizer from a day on, in the caller's transaction; who holds it keeps it."""
    return [
        RoleAssignment.objects.get_or_create(
            user=person, role=Role.VERIFIER, unit=organizer, end__isnull=True, defaults={"start": on}
        )[0]
        for person in people
    ]


def release_verifiers(people: Iterable[int], organizer: Any, on: dt.date) -> None:
    """End that role of those (keys of users) who are in no running team and owe no second word, in the caller's transaction."""
    teams = VerificationTeam.objects.running().filter(campaign__organizer=organizer, members__isnull=False)
    owed = SecondCheck.objects.waiting().filter(referral__campaign__organizer=organizer, checker__isnull=False)
    held = RoleAssignment.objects.filter(role=Role.VERIFIER, unit=organizer, end__isnull=True, user__in=list(people))
    held = held.exclude(user__in=teams.values("members")).exclude(user__in=owed.values("checker"))
    # A role that began today would last no day: it goes, and the trail keeps its beginning and end.
    held.filter(start__gte=on).delete()
    held.update(end=on)


@transaction.atomic
def form_team(
    *,
    by: Any,
    campaign: Any,
    name: str,
    members: Iterable[Any],
    cases: Iterable[Referral],
    at: dt.datetime | None = None,
) -> VerificationTeam:
    """Name a batch's team and give it its cases; outsiders receive the role for as long as the batch lasts.

    Raises ValidationError for fewer than two members or for a member who is in conflict with a case.
    """
    members, cases = list(members), list(cases)
    _check_team(members, cases)
    if same := VerificationTeam.objects.filter(name=name, ended_on__isnull=True, cases__in=cases).first():
        raise ValidationError({"cases": _("The team “%(name)s” has such a case already.") % {"name": same.name}})
    day = timezone.localtime(at).date() if at else timezone.localdate()
    keys = [case.pk for case in cases]
    former = list(VerificationTeam.objects.running().filter(cases__in=keys).distinct())
    team = VerificationTeam.objects.create(campaign=campaign, name=name, formed_on=day)
    team.members.set(members)
    make_verifiers(members, campaign.organizer, day)
    given = Referral.objects.filter(pk__in=keys, state=State.NOMINATED).update(team=team, version=F("version") + 1)
    if given != len(set(keys)):
        raise ValidationError(
            {"cases": _("A case is not waiting for its verification any more. Look at the list again.")}
        )
    record(
        "team.form", team, by=by, at=at, members=[str(m.public_id) for m in members], cases=[c.number for c in cases]
    )
    for other in former:
        if not other.cases.filter(state__in=AT_THE_TEAM).exists():
            end_team(other, by=by, at=at)
    return team


@transaction.atomic
def end_team(team: VerificationTeam, *, by: Any, reason: str = "", at: dt.datetime | None = None) -> None:
    """End a batch: its members lose their rights on its cases, and the role unless they are in another running team.

    Cases that it has not verified need another team. Raises ValidationError when it has ended already.
    """
    entry = close_team(team, on=timezone.localtime(at).date() if at else timezone.localdate(), reason=reason)
    if entry is None:
        raise ValidationError(_("The team has ended already."))
    append([entry], by=by, at=at or timezone.now())


def close_team(team: VerificationTeam, *, on: dt.date, reason: str = "") -> Entry | None:
    """The writing part of a team's end, inside the caller's transaction; None when it has ended already."""
    if not VerificationTeam.objects.running().filter(pk=team.pk).update(ended_on=on):
        return None
    release_verifiers(list(team.members.values_list("pk", flat=True)), team.campaign.organizer, on)
    left = team.cases.filter(state__in=AT_THE_TEAM).count()
    return Entry("team.end", team, {"reason": reason, "left": left})


@transaction.atomic
def announce_follow(
    case: Referral, *, by: Any, until: dt.date | None, reason: str, version: int | None = None,
    at: dt.datetime | None = None,
) -> None:  # fmt: skip
    """List a draft as material to follow until a day (PRACTICE 12); without a day it counts as ready again.

    Raises ValidationError on a stale or signed draft, without a reason, or beyond the county's limit after the closing day.
    """
    unit_return = case.unit_return
    if unit_return is None or unit_return.state not in OPEN_RETURN:
        raise ValidationError(_("The return is filed; withdraw it, or wait until it is sent back."))
    today = timezone.localtime(at).date() if at else timezone.localdate()
    last = unit_return.round.closes_on + dt.timedelta(days=setting("follow_days", today))
    if until and not reason.strip():
        raise ValidationError({"reason": _("State the reason.")})
    if until and not today < until <= last:
        raise ValidationError(
            {"until": _("Choose a day after today, at the latest %(day)s.") % {"day": date_format(last)}}
        )
    changed = Referral.objects.filter(pk=case.pk, state=State.DRAFT, version=version or case.version).update(
        follow_until=until, follow_reason=reason.strip() if until else "", version=F("version") + 1
    )
    if not changed:
        raise ValidationError(_("Somebody was first: the draft has changed meanwhile. Look at it again."), code="stale")
    record("draft.follow", case, by=by, at=at, until=until, reason=reason)


@transaction.atomic
def send_letter(
    *,
    by: Any,
    campaign: Any,
    kind: str,
    number: str,
    sent_on: dt.date,
    cases: Iterable[Referral],
    at: dt.datetime | None = None,
) -> ScreeningLetter:
    """Record the letter that asks about a list of names. Raises ValidationError on an empty list or a number used before."""
    cases = list(cases)
    if not cases:
        raise ValidationError({"cases": _("Choose at least one case.")})
    letter = ScreeningLetter(campaign=campaign, kind=kind, number=number, sent_on=sent_on)
    letter.full_clean()
    letter.save()
    ScreeningAnswer.objects.bulk_create(ScreeningAnswer(letter=letter, referral=case) for case in cases)
    record("letter.send", letter, by=by, at=at, number=number, cases=[c.number for c in cases])
    return letter


@transaction.atomic
def answer_letter(
    letter: ScreeningLetter,
    *,
    by: Any,
    number: str,
    answered_on: dt.date,
    answers: dict[int, str],
    at: dt.datetime | None = None,
) -> None:
    """Record the answer per name (key: pk of the line). Raises ValidationError when a line is left open."""
    lines = list(letter.answers.all())
    if any(not answers.get(line.pk) for line in lines):
        raise ValidationError(_("Answer every name on the list."))
    if answered_on < letter.sent_on:
        raise ValidationError({"answered_on": _("The answer lies before the letter.")})
    for line in lines:
        line.answer = answers[line.pk]
    ScreeningAnswer.objects.bulk_update(lines, ["answer"])
    letter.answer_number, letter.answered_on = number, answered_on
    letter.save(update_fields=["answer_number", "answered_on"])
    record(
        "letter.answer",
        letter,
        by=by,
        at=at,
        number=number,
        answers={line.referral.number: line.answer for line in lines},
    )
