"""What drafted points or weights would have meant for the reviews of the last twelve months; nothing is written."""

from collections.abc import Callable
from decimal import Decimal
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.people.models import barred_cadres
from accounts.setting.models import setting
from assessments.evidence.measures import months_before
from cohorts.review.models import FailGround, ReturnReview
from cohorts.review.points import FULL, sound, total


def _reviews(user: Any) -> list[ReturnReview]:
    """The reviews that points decided; without people from whom the reader is barred."""
    since = months_before(timezone.localdate(), 12)
    rows = ReturnReview.objects.standing().filter(held_on__gt=since, score__isnull=False)
    rows = rows.exclude(fail_ground=FailGround.ATTENDANCE).exclude(referral__cadre__in=barred_cadres(user.cadre_id))
    return list(rows.prefetch_related("parts"))


def _compare(reviews: list[ReturnReview], passes: Callable[[ReturnReview], bool]) -> list[str]:
    up = sum(passes(review) and not review.qualified for review in reviews)
    down = sum(review.qualified and not passes(review) for review in reviews)
    figures = {"all": len(reviews), "up": up, "down": down}
    return [_("Of %(all)s return reviews of the last 12 months, %(up)s would have passed instead of failed and %(down)s failed instead of passed.") % figures]  # fmt: skip


def points_tried(value: Any, user: Any) -> list[str]:
    """``review_pass_points``: the recorded totals against another limit."""
    return _compare(_reviews(user), lambda review: (review.score or Decimal(0)) >= value)


def weights_tried(value: Any, user: Any) -> list[str]:
    """``review_weights``: the recorded parts with other weights, against the limit in force."""
    if not sound(value):
        return [_("Together the weights give %(sum)s and not %(full)s: no review could be recorded.") % {"sum": sum(value.values()), "full": FULL}]  # fmt: skip
    limit = setting("review_pass_points")
    reviews = _reviews(user)
    return _compare(reviews, lambda r: total({part.code: part.score for part in r.parts.all()}, value) >= limit)
