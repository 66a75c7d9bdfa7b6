"""Opening a class, its people, the end of its phases, its sessions and rolls."""

import datetime as dt
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from accounts.calendar import add_working_days, is_working_day
from accounts.notice.workflow import notify
from accounts.people.models import barred_cadres
from accounts.permissions import Role
from accounts.trail.workflow import Entry, append, record
from accounts.user.models import RoleAssignment, User
from cohorts.campaign.models import Campaign
from cohorts.referral.models import IN_CLASS, Referral
from cohorts.training.models import Attendance, Cohort, Mark, Phase, PhaseKind, Session, trainees
from cohorts.training.programme import plan_phases, programmes


def _moment(at: dt.datetime | None) -> tuple[dt.datetime, dt.date]:
    at = at or timezone.now()
    return at, timezone.localtime(at).date()


def _locked(cohort: Cohort) -> Cohort:
    """The class under lock: whatever is decided over it or its phases comes one after the other."""
    return Cohort.objects.select_for_update(of=("self",)).get(pk=cohort.pk)


@transaction.atomic
def open_cohort(
    *,
    by: Any,
    campaign: Any,
    programme: str,
    starts_on: dt.date,
    teacher: Any = None,
    at: dt.datetime | None = None,
) -> Cohort:
    """Open the campaign's next class with the phases of its programme.

    Raises ValidationError for an unknown programme, a first day that is no working day, a class that
    is open already, or a teacher without the role.
    """
    if programme not in programmes():
        raise ValidationError({"programme": _("This programme is not known.")})
    if not is_working_day(starts_on):
        following = date_format(add_working_days(starts_on, 1))
        words = _("A class begins on a working day; the next one is %(day)s.") % {"day": following}
        raise ValidationError({"starts_on": words})
    Campaign.objects.select_for_update().get(pk=campaign.pk)
    if campaign.cohorts.filter(programme=programme, starts_on=starts_on).exists():
        raise ValidationError(_("A class of this programme and first day is open already."))
    plan = plan_phases(programmes()[programme], starts_on)
    cohort = Cohort.objects.create(campaign=campaign, number=campaign.cohorts.count() + 1, programme=programme,
                                   starts_on=starts_on, ends_on=plan[-1].ends_on)  # fmt: skip
    Phase.objects.bulk_create(
        Phase(cohort=cohort, order=p.order, kind=p.kind, starts_on=p.starts_on, ends_on=p.ends_on) for p in plan
    )
    record("cohort.open", cohort, by=by, at=at, programme=programme, starts_on=starts_on, ends_on=cohort.ends_on)
    if teacher:
        name_teacher(cohort, by=by, teacher=teacher, at=at)
    return cohort


def possible_teachers(campaign: Campaign, on: dt.date) -> Any:
    """Accounts that hold the role of a class teacher over the organizer on that day."""
    path = campaign.organizer.path
    prefixes = [path[:n] for n in range(7, len(path) + 1, 7)]
    held = RoleAssignment.objects.in_force(on).filter(role=Role.CLASS_TEACHER, unit__path__in=prefixes)
    return User.objects.select_related("cadre").filter(pk__in=held.values("user"), is_active=True)


@transaction.atomic
def name_teacher(cohort: Cohort, *, by: Any, teacher: Any, phone: str = "", at: dt.datetime | None = None) -> None:
    """Name or change the class teacher and the office phone that the trainees find.

    Raises ValidationError when the account does not hold the role, or is recused from a trainee (Civil Servants Law Art. 76).
    """
    at, day = _moment(at)
    locked = _locked(cohort)
    if not possible_teachers(locked.campaign, day).filter(pk=teacher.pk).exists():
        raise ValidationError({"teacher": _("This account does not hold the role of a class teacher.")})
    if trainees(locked).filter(cadre_id__in=barred_cadres(teacher.cadre_id)).exists():
        raise ValidationError({"teacher": _("This person is recused from a trainee of the class.")})
    before = locked.teacher
    if (before, locked.teacher_phone) == (teacher, phone):
        return
    locked.teacher, locked.teacher_phone = teacher, phone
    locked.save(update_fields=["teacher", "teacher_phone"])
    cohort.teacher, cohort.teacher_phone = teacher, phone
    record("cohort.teacher", locked, by=by, at=at, before=str(before or ""), after=str(teacher))
    if before != teacher:
        told = {"number": locked.number, "year": locked.campaign.year}
        notify([teacher], "class_teacher", path=locked.get_absolute_url(), at=at, **told)


@transaction.atomic
def name_monitor(cohort: Cohort, *, by: Any, case: Referral, at: dt.datetime | None = None) -> None:
    """Name or change the monitor; raises ValidationError for somebody who is no trainee of the class."""
    locked = _locked(cohort)
    if not trainees(locked).filter(pk=case.pk, state__in=IN_CLASS).exists():
        raise ValidationError({"monitor": _("The monitor is one of the trainees of the class.")})
    if locked.monitor_id == case.pk:
        return
    before, locked.monitor = locked.monitor, case
    locked.save(update_fields=["monitor"])
    cohort.monitor = case
    record("cohort.monitor", locked, by=by, at=at, before=before.number if before else "", after=case.number)


def missing_for_close(phase: Phase, on: dt.date) -> list[str]:
    """What a phase still lacks before it can be closed, in words."""
    missing = []
    if phase.cohort.phases.filter(order__lt=phase.order, closed_on__isnull=True).exists():
        missing.append(_("An earlier phase is still open."))
    if on < phase.starts_on:
        missing.append(_("The phase begins on %(day)s.") % {"day": date_format(phase.starts_on)})
    if phase.kind == PhaseKind.THEORY:
        open_rolls = phase.sessions.to_record(on)
        titles = [f"{session.title} ({date_format(session.day, 'SHORT_DATE_FORMAT')})" for session in open_rolls]
        if titles:
            missing.append(_("No attendance is recorded for: %(titles)s.") % {"titles": _(", ").join(titles)})
        to_come = phase.sessions.standing().filter(day__gt=on).count()
        if to_come:
            missing.append(_("Sessions still to come: %(count)s. Hold or cancel them.") % {"count": to_come})
    return missing


@transaction.atomic
def close_phase(phase: Phase, *, by: Any, reason: str = "", at: dt.datetime | None = None) -> None:
    """Close a phase, so that its trainees can go on.

    Raises ValidationError when it is closed already, when something is missing (attendance, an earlier phase), or when
    it is closed before its last day without a reason.
    """
    at, day = _moment(at)
    _locked(phase.cohort)
    phase.refresh_from_db()
    if phase.closed_on:
        raise ValidationError(_("The phase is closed already."))
    missing = missing_for_close(phase, day)
    if missing:
        raise ValidationError(missing)
    if day < phase.ends_on and not reason.strip():
        words = _("The phase lasts until %(day)s. State the reason for closing it earlier.")
        raise ValidationError({"reason": words % {"day": date_format(phase.ends_on)}})
    phase.closed_on, phase.closed_by = day, by
    phase.save(update_fields=["closed_on", "closed_by"])
    record("phase.close", phase.cohort, by=by, at=at, phase=phase.order, kind=phase.kind, reason=reason.strip())


@transaction.atomic
def plan_session(
    *, by: Any, phase: Phase, off_day: bool = False, at: dt.datetime | None = None, **fields: Any
) -> Session:
    """Put a session on the timetable.

    Raises ValidationError outside a theory block that is still open, and on a day off unless ``off_day`` says that it is meant.
    """
    _locked(phase.cohort)
    phase.refresh_from_db()
    session = Session(phase=phase, **fields)
    if phase.kind != PhaseKind.THEORY or phase.closed_on:
        raise ValidationError({"phase": _("Sessions belong to a theory block that is not closed.")})
    if not phase.starts_on <= session.day <= phase.ends_on:
        words = _("The block lasts from %(first)s to %(last)s.")
        words %= {"first": date_format(phase.starts_on), "last": date_format(phase.ends_on)}
        raise ValidationError({"day": words})
    if session.ends_at <= session.begins_at:
        raise ValidationError({"ends_at": _("The session ends after it begins.")})
    if not off_day and not is_working_day(session.day):
        raise ValidationError({"off_day": _("This is no working day. Tick that it is meant, or choose another day.")})
    session.full_clean(exclude=["recorded_at", "cancelled_on"])
    session.save()
    record(
        "session.plan",
        session,
        by=by,
        at=at,
        day=session.day,
        title=session.title,
        kind=session.kind,
        hours=session.hours,
    )
    return session


@transaction.atomic
def cancel_session(session: Session, *, by: Any, reason: str, at: dt.datetime | None = None) -> None:
    """Take a session off the timetable; raises ValidationError once its roll is recorded, or without a reason."""
    at, day = _moment(at)
    row = Session.objects.select_for_update(of=("self",)).get(pk=session.pk)
    if row.recorded_at or row.cancelled_on:
        raise ValidationError(_("A session that was held or cancelled is not cancelled any more."))
    if not reason.strip():
        raise ValidationError({"reason": _("State the reason.")})
    row.cancelled_on, row.cancel_reason = day, reason.strip()
    row.save(update_fields=["cancelled_on", "cancel_reason"])
    record("session.cancel", row, by=by, at=at, reason=row.cancel_reason)


@transaction.atomic
def record_roll(session: Session, *, by: Any, marks: dict[int, tuple[str, str]], at: dt.datetime | None = None) -> int:
    """Record or correct a roll: key of the case -> (mark, reason); returns how many entries are new or changed.

    Each change is an entry of the trail with what stood before. Raises ValidationError before the day of the session,
    for a cancelled one, for an excuse without a reason, or when a trainee of the roll has no mark.
    """
    at, day = _moment(at)
    row = Session.objects.select_for_update(of=("self",)).select_related("phase__cohort").get(pk=session.pk)
    if row.cancelled_on:
        raise ValidationError(_("The session is cancelled."))
    if day < row.day:
        raise ValidationError(_("The session has not been held yet."))
    cases = {case.pk: case for case in row.roll().select_related("campaign")}
    known = {entry.case_id: entry for entry in row.attendance.all()}
    left_out = set(cases) - set(known) - set(marks)
    if left_out or not cases:
        raise ValidationError(_("Every trainee needs a mark."))
    entries, rows = [], []
    for key in [key for key in marks if key in cases]:
        mark, reason = marks[key][0], marks[key][1].strip() if marks[key][0] in (Mark.EXCUSED, Mark.ABSENT) else ""
        if mark == Mark.EXCUSED and not reason:
            raise ValidationError({f"reason_{key}": _("State the reason of the leave.")})
        before = known.get(key)
        if before and (before.mark, before.reason) == (mark, reason):
            continue
        rows.append(Attendance(session=row, case_id=key, mark=mark, reason=reason))
        if before:
            change = {"case": cases[key].number, "before": before.mark, "after": mark, "reason": reason}
            entries.append(Entry("session.correct", row, change))
    Attendance.objects.bulk_create(
        rows, update_conflicts=True, unique_fields=["session", "case"], update_fields=["mark", "reason"]
    )
    first = row.recorded_at is None
    if first:
        row.recorded_at = at
        row.save(update_fields=["recorded_at"])
        told = {cases[key].number: marks[key][0] for key in marks if key in cases and marks[key][0] != Mark.PRESENT}
        entries.insert(0, Entry("session.roll", row, {"trainees": len(cases), "not_present": told}))
    append(entries, by=by, at=at)
    return len(entries)
