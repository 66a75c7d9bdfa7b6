"""What waits in a campaign: names without a team, names for the deputy, material to follow, rounds to conclude."""

import datetime as dt
from typing import Any

from django.db.models import Count, Min, Q
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from accounts.kit.todo import Task, task
from cohorts.campaign.models import Campaign, Round
from cohorts.referral.models import Referral, State
from cohorts.referral.recusal import kept_from_heads
from cohorts.referral.second import SecondCheck, SecondState


def todo(user: Any, today: dt.date) -> list[Task]:
    return [
        *_organizer(user, today),
        *_second(user, today),
        *_deputy(user, today),
        *_unit(user, today),
        *_leader(user, today),
        *_cadre(user, today),
    ]


def _cadre(user: Any, today: dt.date) -> list[Task]:
    """The own notice of reasons, until the clock is over or everything was said."""
    if not user.may("referral.reply"):
        return []
    open_ones = Referral.objects.visible_to(user).filter(
        state=State.NOTIFIED, reply_due__gte=today, reply_final_on__isnull=True, no_reply_on__isnull=True
    )
    return [
        entry
        for row in open_ones if row.reply_due
        for entry in task(
            1, _("notice of reasons: you may reply until %(day)s") % {"day": date_format(row.reply_due)},
            row.get_absolute_url(), urgent=True,
        )
    ]  # fmt: skip


def _leader(user: Any, today: dt.date) -> list[Task]:
    """Open cases whose cadre retired, left or died - to be discontinued, or to run on."""
    if not user.may("referral.discontinue"):
        return []
    gone = Referral.objects.visible_to(user).whose_cadre_is_gone(today).count()
    return task(gone, _("open cases whose cadre retired, left or died"), "/cases/?state=gone")


def _organizer(user: Any, today: dt.date) -> list[Task]:
    tasks: list[Task] = []
    if user.may("team.manage"):
        rows = Referral.objects.visible_to(user).filter(state=State.NOMINATED, campaign__concluded_on__isnull=True)
        bare = rows.filter(Q(team__isnull=True) | Q(team__ended_on__isnull=False)).count()
        tasks += task(bare, _("nominated cases without a verification team"), "/teams/new/")
    if user.may("round.conclude"):
        mine = Campaign.objects.visible_to(user).running()
        over = Round.objects.filter(campaign__in=mine, closes_on__lt=today, concluded_on__isnull=True,
                                    cancelled_on__isnull=True).select_related("campaign")[:5]  # fmt: skip
        for row in over:
            label = _("%(round)s: closed on %(day)s, conclude or extend it") % {
                "round": row, "day": date_format(row.closes_on),
            }  # fmt: skip
            tasks += task(1, label, row.campaign.get_absolute_url())
    return tasks


def _second(user: Any, today: dt.date) -> list[Task]:
    """Drawn cases: to give to somebody, overdue ones, and the own second words."""
    rows = SecondCheck.objects.visible_to(user).waiting()
    if user.may("second.assign"):
        drawn = rows.filter(state=SecondState.DRAWN)
        late = drawn.filter(due_on__lt=today).exists()
        overdue = rows.overdue(today).filter(state=SecondState.ASSIGNED).count()
        return [
            *task(drawn.count(), _("drawn cases without a second verifier"), "/second-checks/?state=drawn", late),
            *task(overdue, _("second verifications overdue"), "/second-checks/?state=overdue", urgent=True),
        ]
    if not user.may("second.check"):
        return []
    return [
        entry
        for row in rows.order_by("due_on", "pk")[:5]
        for entry in task(
            1, _("second verification: your word until %(day)s") % {"day": date_format(row.due_on)}, row.get_absolute_url(),
            row.due_on <= today,
        )
    ]  # fmt: skip


def _deputy(user: Any, today: dt.date) -> list[Task]:
    if not user.may("referral.nominate_for_head"):
        return []
    kept = kept_from_heads(user.role.unit, today)
    rows = Referral.objects.visible_to(user).filter(
        state=State.DRAFT, cadre__in=kept, unit_return__round__concluded_on__isnull=True
    )
    return [
        entry
        for row in rows.select_related("cadre").order_by("pk")[:5]
        for entry in task(1, _("sign for the recused head: %(name)s") % {"name": row}, row.get_absolute_url())
    ]


def _unit(user: Any, today: dt.date) -> list[Task]:
    """Announced material, return by return; urgent from three days before its day on."""
    if not user.may("return.prepare"):
        return []
    rows = Referral.objects.visible_to(user).to_follow().filter(
        unit_return__state__in=["filed", "accepted"], unit_return__round__concluded_on__isnull=True
    )  # fmt: skip
    found = rows.order_by().values("unit_return__public_id").annotate(n=Count("pk"), until=Min("follow_until"))
    return [
        entry
        for row in found.order_by("until")[:5]
        for entry in task(
            row["n"], _("material to follow until %(day)s") % {"day": date_format(row["until"])},
            f"/returns/{row['unit_return__public_id']}/", row["until"] <= today + dt.timedelta(days=3),
        )
    ]  # fmt: skip
