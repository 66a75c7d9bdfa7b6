"""The program with a clock that does not wait ten minutes: ``celery -A tests.beats beat`` sends the scan every second."""

from retrain.celery import app

__all__ = ["app"]

_entry = app.conf.beat_schedule["scan_alerts"]
app.conf.beat_schedule = {"scan_alerts": {**_entry, "schedule": 1.0}}
