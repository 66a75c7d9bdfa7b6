"""The replay's check on a database of its own: the county that other tests build must not stand in its way."""

import pytest
from django.core.management import call_command

from cohorts.site.demo.replay.y2018 import Replay2018

pytestmark = pytest.mark.django_db


def test_a_nomination_deleted_from_the_script_makes_the_check_fail(monkeypatch, capsys):
    script = Replay2018.read_script()
    del script["nomination"][3]
    monkeypatch.setattr("cohorts.site.demo.replay.figures.CAMPAIGNS", (Replay2018,))
    monkeypatch.setattr(Replay2018, "read_script", classmethod(lambda cls: script))
    with pytest.raises(SystemExit) as stop:
        call_command("replay", check=True, json=True)
    assert stop.value.code == 1
    assert '"referred": 49' in capsys.readouterr().out
