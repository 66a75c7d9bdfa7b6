"""The Django project: settings, URLs and Celery only."""

from retrain.celery import app as celery_app

__all__ = ["celery_app"]
