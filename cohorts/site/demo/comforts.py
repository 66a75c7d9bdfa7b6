"""The three administrators have something to do: a newcomer without an account, an account without a role."""

import datetime as dt
import tomllib
from typing import Any

from accounts.kit.filters import keep
from accounts.permissions import Role
from accounts.setting.workflow import set_day
from accounts.user.workflow import create_account
from cohorts.site.demo.county import DATA, County


def give_the_administrators_work(county: County, users: dict[str, Any]) -> None:
    """Somebody who joined ten days ago; a new liaison's account for which the role waits; a filter that the clerk kept."""
    data = tomllib.loads((DATA / "demo_comforts.toml").read_text(encoding="utf-8"))
    joined = county.today - dt.timedelta(days=10)
    newcomer = county.person(county.units[data["newcomer"]["unit"]], data["newcomer"]["post"], ages=(23, 28))
    waiting = county.person(county.units[data["waiting"]["unit"]], data["waiting"]["post"], ages=(28, 36))
    for cadre in (newcomer, waiting):
        cadre.joined_on = joined
        cadre.save(update_fields=["joined_on"])
        cadre.posts.update(start=joined)
    system = users["system"].acting_as(Role.SYSTEM_ADMIN)
    title = f"{waiting.unit.name} {waiting.post}"
    create_account(by=system, username=data["waiting"]["username"], cadre=waiting, title=title)
    keep(by=users["clerk"], page="/cases/", default=False, **data["filter"])
    day = county.today + dt.timedelta(days=data["day"]["after"])
    set_day(by=users["chief"].acting_as(Role.DEPARTMENT_ADMIN), day=day, working=False, note=data["day"]["note"])
    users["chief"].role = None
