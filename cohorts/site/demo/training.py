"""The classes of the demonstration: one that is over, and one in its first week with timetable, rolls and quiz."""

import datetime as dt
import tomllib
from functools import lru_cache
from typing import Any

from accounts.permissions import Role
from cohorts.referral.models import Referral
from cohorts.site.demo.county import DATA
from cohorts.training.models import Phase
from cohorts.training.quiz import open_quiz, take_quiz, write_quiz
from cohorts.training.workflow import name_monitor, name_teacher, open_cohort, plan_session, record_roll


@lru_cache
def texts() -> dict[str, Any]:
    """The texts of the classes."""
    return tomllib.loads((DATA / "demo_training.toml").read_text(encoding="utf-8"))


def teacher_of(running: Any) -> Any:
    """The account of the class teacher, made once."""
    if "teacher" not in running.users:
        unit, post = running.county.units["zzb"], texts()["teacher_post"]
        cadre = running.county.person(unit, post, ages=(34, 48))
        title = f"{unit.name} {post}"
        running.users["teacher"] = running.county.account("demo-teacher", cadre, title, Role.CLASS_TEACHER)
    return running.users["teacher"]


def finished_class(running: Any, trainees: list[Referral]) -> tuple[Phase, Phase]:
    """The first class, its trainees admitted; the caller leads them through."""
    cohort = open_cohort(by=running.chief, at=running.at(29), campaign=running.campaign, programme="2018",
                         starts_on=running.day(27), teacher=teacher_of(running))  # fmt: skip
    running.admit(cohort, trainees, 27)
    theory, practice = cohort.phases.all()
    return theory, practice


def running_class(running: Any, trainees: list[Referral]) -> None:
    """The second class, in its third day: rolls of the days past, one session tomorrow, a quiz that is open."""
    data, teacher = texts(), teacher_of(running)
    cohort = open_cohort(by=running.chief, at=running.at(5), campaign=running.campaign, programme="2019",
                         starts_on=running.day(2), teacher=teacher)  # fmt: skip
    running.admit(cohort, trainees, 3)
    # One trainee has an account, comes near the limit of one seventh, and has not answered the quiz yet.
    name_monitor(cohort, by=teacher, case=trainees[0], at=running.at(2, 12))
    name_teacher(cohort, by=running.chief, teacher=teacher, phone=data["phone"], at=running.at(3))
    phase = cohort.phases.first()
    for n, row in enumerate(data["session"]):
        session = plan_session(
            by=teacher, at=running.at(3, 15), phase=phase, kind=row["kind"], title=row["title"], lecturer=row["lecturer"], place=data["place"],
            day=running.day(row["day"]), begins_at=dt.time(row["from"]), ends_at=dt.time(row["to"]), hours=row["hours"], off_day=True,
        )  # fmt: skip
        if row["day"] > 0:
            marks = {case.pk: ("present", "") for case in trainees}
            if n == 2:
                marks[trainees[-1].pk] = ("excused", data["excuse"])
            if n == 1:
                marks[trainees[0].pk] = ("late", "")
            record_roll(session, by=teacher, marks=marks, at=running.at(row["day"], row["to"]))
    quiz = write_quiz(cohort, by=teacher, text=data["quiz"]["text"], pass_mark=data["quiz_pass"], at=running.at(2, 8))
    open_quiz(quiz, by=teacher, at=running.at(2, 8))
    for case, answers in zip(trainees, data["quiz"]["answers"], strict=False):
        take_quiz(quiz, by=teacher, case=case, answers=answers, at=running.at(2, 9))
    student = trainees[-1]
    student.refresh_from_db()
    running.county.account("demo-student", student.cadre, f"{student.unit_name} {student.post}", None)
