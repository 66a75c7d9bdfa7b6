"""What happens to a panel: set up, scored by each member on his own, discussed, concluded."""

import datetime as dt
from collections.abc import Iterable
from typing import Any

from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import User
from accounts.notice.workflow import notify
from accounts.people.models import barred_cadres
from accounts.trail.workflow import record
from assessments.evidence.meets import who_meets
from assessments.panel.models import (
    LEAST,
    Outcome,
    Panel,
    PanelCandidate,
    PanelMember,
    PanelScore,
    PanelState,
    Stance,
)
from assessments.panel.ranking import ranking


@transaction.atomic
def set_up(
    *, by: Any, unit: Any, edition: Any, title: str, held_on: dt.date, members: Iterable[Any],
    candidates: Iterable[tuple[Any, Any]], at: dt.datetime | None = None,
) -> Panel:  # fmt: skip
    """Put a panel together; the members may score at once.

    ``members`` are cadres of the unit or of a unit below the same parent; ``candidates`` are (cadre, criterion) whose record
    meets the criterion on this day: nobody else gets on the list. Raises ValidationError, by field.
    """
    at = at or timezone.now()
    members = list(dict.fromkeys(members))
    _check_members(members, unit, timezone.localtime(at).date())
    met = {(row.cadre.pk, row.criterion.code): row for row in who_meets(unit, edition, timezone.localtime(at).date())}
    wanted = dict.fromkeys((cadre.pk, criterion.code) for cadre, criterion in candidates)
    if not wanted:
        raise ValidationError({"candidates": _("Choose at least one name from the record.")})
    if set(wanted) - set(met) or {cadre for cadre, _code in wanted} & barred_cadres(by.cadre_id):
        raise ValidationError({"candidates": _("Only a cadre whose record meets the criterion gets on the list.")})
    try:
        with transaction.atomic():
            panel = Panel.objects.create(unit=unit, edition=edition, title=title.strip(), held_on=held_on, set_up_by=by,
                                         set_up_at=at)  # fmt: skip
    except IntegrityError as error:
        raise ValidationError({"title": _("A panel of this title and day is set up already.")}) from error
    seats = PanelMember.objects.bulk_create(PanelMember(panel=panel, cadre=cadre) for cadre in members)
    rows = PanelCandidate.objects.bulk_create(
        PanelCandidate(panel=panel, cadre=met[key].cadre, criterion=met[key].criterion) for key in wanted
    )
    items = PanelCandidate.items.through
    items.objects.bulk_create(
        items(panelcandidate=row, evidence=item)
        for row, key in zip(rows, wanted, strict=True)
        for item in met[key].items
    )
    barred = {seat: barred_cadres(seat.cadre_id) for seat in seats}
    PanelScore.objects.bulk_create(
        PanelScore(candidate=row, member=seat, stance=Stance.BARRED)
        for row in rows for seat in seats if row.cadre_id in barred[seat]
    )  # fmt: skip
    record("panel.set_up", panel, by=by, at=at, members=len(seats), candidates=len(rows), held_on=held_on)
    _tell(panel, (seat.cadre_id for seat in _waited_for(panel)), "panel_to_score", by=by, at=at)
    _open_if_all_finished(panel, by=by, at=at)
    return panel


def _check_members(members: list[Any], unit: Any, on: dt.date) -> None:
    if len(members) < LEAST:
        raise ValidationError({"members": _("A panel has three members or more.")})
    around = (unit.parent or unit).path
    for cadre in members:
        gone = (cadre.left_on and cadre.left_on <= on) or (cadre.retires_on and cadre.retires_on <= on)
        if gone or not cadre.unit.path.startswith(around):
            words = _("%(name)s cannot sit on this panel: not in service in this unit or one below the same parent.")
            raise ValidationError({"members": words % {"name": cadre.name}})
    with_account = set(User.objects.filter(cadre__in=members, is_active=True).values_list("cadre", flat=True))
    without = [cadre.name for cadre in members if cadre.pk not in with_account]
    if without:
        words = _("Without an account nobody can score: %(names)s")
        raise ValidationError({"members": words % {"names": _(", ").join(without)}})


def _tell(panel: Panel, cadres: Iterable[int], code: str, *, by: Any, at: dt.datetime) -> None:
    users = User.objects.filter(cadre__in=list(cadres), is_active=True).exclude(pk=by.pk)
    notify(
        users,
        code,
        path=panel.get_absolute_url(),
        at=at,
        unit=panel.unit.name,
        panel=panel.title,
        day=str(panel.held_on),
    )


def _locked(panel: Panel, *states: str) -> Panel:
    """The panel as it stands, under lock; ValidationError when it has gone on meanwhile."""
    panel = Panel.objects.select_for_update(of=("self",)).select_related("unit", "edition").get(pk=panel.pk)
    if panel.state not in states:
        raise ValidationError(_("Somebody was first: the panel has gone on meanwhile. Look at it again."), code="stale")
    return panel


def _seat(panel: Panel, by: Any) -> PanelMember:
    seat = panel.members.filter(cadre=by.cadre_id, excused="").first() if by.cadre_id else None
    if seat is None:
        raise ValidationError(_("You are not a member of this panel."))
    return seat


def _waited_for(panel: Panel) -> list[PanelMember]:
    """Members who have still to say something to a candidate, in the round that is asked for."""
    given = set(PanelScore.objects.current().filter(candidate__panel=panel).values_list("candidate", "member"))
    asked = list(panel.candidates.values_list("pk", flat=True))
    seats = panel.members.filter(excused="")
    return [seat for seat in seats if any((candidate, seat.pk) not in given for candidate in asked)]


def _open_if_all_finished(panel: Panel, *, by: Any, at: dt.datetime) -> None:
    """Results open when no member is waited for any more; the caller holds the panel's lock."""
    if _waited_for(panel):
        return
    Panel.objects.filter(pk=panel.pk, state=PanelState.SCORING).update(state=PanelState.DISCUSSING)
    panel.state = PanelState.DISCUSSING
    seats = panel.members.filter(excused="").values_list("cadre", flat=True)
    _tell(
        panel, [*seats, *([panel.set_up_by.cadre_id] if panel.set_up_by.cadre_id else [])], "panel_open", by=by, at=at
    )


@transaction.atomic
def score(
    panel: Panel, *, by: Any, scores: dict[int, int | None], recusals: dict[int, str] | None = None,
    at: dt.datetime | None = None,
) -> None:  # fmt: skip
    """A member's whole sheet at once: per candidate a severity from 1 to 5, None = abstains, or a recusal with its reason.

    Raises ValidationError when a candidate is left out, named twice or not to be found by this member, and on a sheet that
    is in already.
    """
    at, recusals = at or timezone.now(), recusals or {}
    panel = _locked(panel, PanelState.SCORING)
    seat = _seat(panel, by)
    waiting, barred = list(panel.candidates.waiting_for(by.cadre_id)), barred_cadres(by.cadre_id)
    if not waiting:
        raise ValidationError(_("Your scores are in already; they are given once."), code="stale")
    mine = {row.pk for row in waiting if row.cadre_id not in barred}
    if set(scores) | set(recusals) != mine or set(scores) & set(recusals):
        raise ValidationError(_("Score every name on the list, abstain or recuse yourself."))
    if any(value is not None and value not in range(1, 6) for value in scores.values()):
        raise ValidationError(_("A score is a number from 1 to 5."))
    if not all(reason.strip() for reason in recusals.values()):
        raise ValidationError(_("State why you recuse yourself."))
    rows = []
    for row in waiting:
        severity = scores.get(row.pk)
        if row.pk not in mine:
            stance = Stance.BARRED
        elif row.pk in recusals:
            stance = Stance.RECUSED
        else:
            stance = Stance.ABSTAINED if severity is None else Stance.SCORED
        rows.append(PanelScore(candidate=row, member=seat, round=row.round, stance=stance, severity=severity,
                               reason=recusals.get(row.pk, "").strip()))  # fmt: skip
    PanelScore.objects.bulk_create(rows)
    # What each said stands in the panel's own rows; the trail keeps that he did.
    record("panel.score", panel, by=by, at=at, candidates=len(rows))
    _open_if_all_finished(panel, by=by, at=at)


@transaction.atomic
def excuse(panel: Panel, *, by: Any, member: PanelMember, reason: str, at: dt.datetime | None = None) -> None:
    """Wait no longer for a member who cannot score. Raises ValidationError without a reason, or when he has finished."""
    at = at or timezone.now()
    panel = _locked(panel, PanelState.SCORING)
    if not reason.strip():
        raise ValidationError({"reason": _("State the reason.")})
    if not panel.candidates.waiting_for(member.cadre_id).exists():
        raise ValidationError({"member": _("This member has finished already.")})
    panel.members.filter(pk=member.pk).update(excused=reason.strip())
    record("panel.excuse", panel, by=by, at=at, member=member.cadre.name, reason=reason)
    _open_if_all_finished(panel, by=by, at=at)


@transaction.atomic
def cancel(panel: Panel, *, by: Any, reason: str, at: dt.datetime | None = None) -> None:
    """Give up a panel that was set up by mistake; its rows stay, its members are told.

    Raises ValidationError without a reason, and once results were open: nobody cancels a panel because of what it said.
    """
    at = at or timezone.now()
    panel = _locked(panel, PanelState.SCORING)
    if not reason.strip():
        raise ValidationError({"reason": _("State the reason.")})
    if panel.candidates.filter(round=2).exists():
        raise ValidationError(_("The first results were open already; the panel goes on to its conclusion."))
    panel.state, panel.cancelled_on, panel.cancelled_because = (
        PanelState.CANCELLED,
        timezone.localdate(at),
        reason.strip(),
    )
    panel.save(update_fields=["state", "cancelled_on", "cancelled_because"])
    record("panel.cancel", panel, by=by, at=at, reason=reason.strip())
    _tell(panel, panel.members.values_list("cadre", flat=True), "panel_cancelled", by=by, at=at)


@transaction.atomic
def disagree(panel: Panel, *, by: Any, candidate: PanelCandidate, reason: str, at: dt.datetime | None = None) -> None:
    """A member's recorded disagreement with a result; the panel has to discuss it before it concludes."""
    at = at or timezone.now()
    panel = _locked(panel, PanelState.DISCUSSING)
    seat = _seat(panel, by)
    if not reason.strip():
        raise ValidationError({"reason": _("State the reason.")})
    own = PanelScore.objects.current().filter(candidate=candidate, member=seat)
    heard = PanelScore.objects.filter(pk__in=own.values("pk"), stance__in=[Stance.SCORED, Stance.ABSTAINED])
    if not heard.update(disagreement=reason.strip(), disagreed_at=at):
        raise ValidationError(_("You are recused from this name."))
    record("panel.disagree", panel, by=by, at=at, candidate=str(candidate.cadre.public_id), reason=reason)


@transaction.atomic
def discuss(panel: Panel, *, by: Any, candidate: PanelCandidate, text: str, at: dt.datetime | None = None) -> None:
    """Write down what was said about a candidate; written again it replaces the note, and the trail keeps both."""
    at = at or timezone.now()
    panel = _locked(panel, PanelState.DISCUSSING)
    _not_recused(panel, by, candidate.cadre_id)
    if not text.strip():
        raise ValidationError({"text": _("Write down what was discussed.")})
    panel.candidates.filter(pk=candidate.pk).update(discussion=text.strip(), discussed_at=at)
    record("panel.discuss", panel, by=by, at=at, candidate=str(candidate.cadre.public_id), text=text)


@transaction.atomic
def rescore(panel: Panel, *, by: Any, candidates: Iterable[PanelCandidate], at: dt.datetime | None = None) -> None:
    """Ask the members for a second round on candidates that were discussed; the first one stays.

    Raises ValidationError for a name that was not discussed or has had its second round.
    """
    at = at or timezone.now()
    panel = _locked(panel, PanelState.DISCUSSING)
    rows = list(panel.candidates.filter(pk__in=[row.pk for row in candidates]))
    if not rows:
        raise ValidationError({"candidates": _("Choose at least one name.")})
    _not_recused(panel, by, *(row.cadre_id for row in rows))
    if any(row.round != 1 or not row.discussion for row in rows):
        raise ValidationError({"candidates": _("A second round follows a discussion, and there is one only.")})
    panel.candidates.filter(pk__in=[row.pk for row in rows]).update(round=2)
    kept = PanelScore.objects.filter(candidate__in=rows, round=1, stance__in=[Stance.RECUSED, Stance.BARRED])
    PanelScore.objects.bulk_create(
        PanelScore(
            candidate_id=row.candidate_id, member_id=row.member_id, round=2, stance=row.stance, reason=row.reason
        )
        for row in kept
    )
    Panel.objects.filter(pk=panel.pk).update(state=PanelState.SCORING)
    record("panel.rescore", panel, by=by, at=at, candidates=len(rows))
    _tell(panel, (seat.cadre_id for seat in _waited_for(panel)), "panel_to_score", by=by, at=at)
    _open_if_all_finished(panel, by=by, at=at)


def _not_recused(panel: Panel, by: Any, *cadres: int) -> None:
    if barred_cadres(by.cadre_id) & set(cadres):
        raise ValidationError(_("Another leader of the unit does this."))


@transaction.atomic
def conclude(
    panel: Panel, *, by: Any, minutes: str, results: dict[int, tuple[str, str]], at: dt.datetime | None = None
) -> Panel:
    """Record the minutes and, per candidate's pk, (nominate / remind first / no action, reason).

    Raises ValidationError while something has to be discussed, when a candidate has no result, when a name with too few
    scores would be nominated, and for whoever is recused from one of the candidates.
    """
    at = at or timezone.now()
    panel = _locked(panel, PanelState.DISCUSSING)
    rows = ranking(panel)
    _not_recused(panel, by, *(row.candidate.cadre_id for row in rows))
    if open_names := [row.candidate.cadre.name for row in rows if row.undiscussed]:
        words = _("The scores lie apart or a member disagrees; first write down the discussion: %(names)s")
        raise ValidationError(words % {"names": _(", ").join(open_names)})
    if not minutes.strip():
        raise ValidationError({"minutes": _("Write the minutes.")})
    for row in rows:
        outcome, reason = results.get(row.candidate.pk, ("", ""))
        field = f"outcome_{row.candidate.pk}"
        if outcome not in Outcome.values or not reason.strip():
            raise ValidationError({field: _("Give a conclusion and its reason for every name.")})
        if outcome == Outcome.NOMINATE and row.now.few:
            raise ValidationError({field: _("Fewer than three scores: this name cannot be concluded as a nomination.")})
        row.candidate.outcome, row.candidate.reason = outcome, reason.strip()
    PanelCandidate.objects.bulk_update([row.candidate for row in rows], ["outcome", "reason"])
    panel.state, panel.minutes = PanelState.CONCLUDED, minutes.strip()
    panel.concluded_by, panel.concluded_at = by, at
    panel.save(update_fields=["state", "minutes", "concluded_by", "concluded_at"])
    record("panel.conclude", panel, by=by, at=at,
           results={str(row.candidate.cadre.public_id): row.candidate.outcome for row in rows})  # fmt: skip
    _tell(panel, panel.members.values_list("cadre", flat=True), "panel_concluded", by=by, at=at)
    return panel
