"""Questions of the demonstration: one department that is answering its own, and one that let two of them pass the day."""

import tomllib
from typing import Any

from accounts.models import User
from assessments.evidence.workflow import add_evidence
from cohorts.procedure.workflow import move
from cohorts.question.models import UnitQuestion
from cohorts.question.workflow import ask_questions
from cohorts.site.demo.county import DATA, script

# The newest item of a record lies so many working days before the entry, the others a month further back each.
FIRST_BACK, MONTH = 25, 21


def ask_units(running: Any) -> None:
    """Records first, then the questions of their days, then what was answered and decided, at days relative to today."""
    rows = tomllib.loads((DATA / "demo_question.toml").read_text(encoding="utf-8"))["question"]
    nil = script()["county"]["nil"][0]
    asked: list[tuple[dict[str, Any], Any]] = []
    for row in rows:
        code = nil if row["unit"] == "nil" else row["unit"]
        cadre = running.county.person(running.county.units[code], row["post"])
        for n, (fact, kind, key, title, source) in enumerate(row["record"]):
            day = running.day(row["recorded"] + FIRST_BACK + MONTH * n)
            add_evidence(by=running.users[f"liaison-{code}"], cadre=cadre, kind=kind, title=title, happened_on=day, source=source,
                         fact=fact, key=key, at=running.at(row["recorded"]))  # fmt: skip
        asked.append((row | {"code": code}, cadre))
    for back in sorted({row["asked"] for row in rows}, reverse=True):
        ask_questions(running.round, by=User.objects.system(), on=running.day(back), at=running.at(back, 8))
    for row, cadre in asked:
        if "answer" not in row:
            continue
        (question,) = UnitQuestion.objects.filter(cadre=cadre)
        head = running.users[f"head-{row['code']}"]
        content = {"ground": row["ground"], "answer": row["answer"]}
        question = move(question, "explain", by=head, at=running.at(row["asked"] - 1), **content)
        if "step" in row:
            move(question, row["step"], by=running.clerk, at=running.at(row["asked"] - 2), reason=row["decision"])
