"""What the steps of the class write: the block in which the trainee stands, and the training notice."""

from typing import Any

from accounts.notice.workflow import notify


def enter_phase(act: Any) -> None:
    """Admission leads into the first block, each further start into the next one."""
    case = act.row
    case.phase = case.phase.following if case.phase_id else act.data["cohort"].phases.first()
    case.save(update_fields=["phase"])


def enter_first_phase(act: Any) -> None:
    """An extended trainee begins the programme of the next class anew."""
    case = act.row
    case.phase = act.data["cohort"].phases.first()
    case.save(update_fields=["phase"])


def send_training_notice(act: Any) -> None:
    """The trainee learns which class it is, when it begins and when it ends."""
    cohort, user = act.row.cohort, getattr(act.row.cadre, "user", None)
    if user:
        notify([user], "training", path="/class/", at=act.at, number=cohort.number, year=cohort.campaign.year,
               first=cohort.starts_on.isoformat(), last=cohort.ends_on.isoformat())  # fmt: skip
