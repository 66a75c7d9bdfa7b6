import datetime as dt

import django.db.models.expressions
from django.conf import settings
from django.db import migrations, models
from django.db.models import Q


def hold_from_their_year(apps, schema_editor):
    """An approved edition held for the campaigns of its year and later ones."""
    for edition in apps.get_model("assessments", "Edition").objects.filter(state="approved"):
        edition.holds_from = dt.date(edition.year, 1, 1)
        edition.save(update_fields=["holds_from"])


class Migration(migrations.Migration):
    dependencies = [
        ("assessments", "0008_ballot"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AddField("edition", "holds_from", models.DateField("holds from", null=True, blank=True)),
        migrations.AddField("edition", "handed_in_at", models.DateTimeField(null=True)),
        migrations.AddField("edition", "drafters", models.ManyToManyField(to=settings.AUTH_USER_MODEL, related_name="+")),
        migrations.RunPython(hold_from_their_year, migrations.RunPython.noop),
        migrations.RemoveConstraint("edition", "edition_approved_by_somebody"),
        migrations.AddConstraint(
            "edition",
            models.CheckConstraint(
                condition=Q(state="draft", approved_at__isnull=True, approved_by__isnull=True)
                | Q(state="approved", approved_at__isnull=False, approved_by__isnull=False, holds_from__isnull=False),
                name="edition_approved_by_somebody",
            ),
        ),
        migrations.AlterModelOptions(
            "edition",
            options={"ordering": [django.db.models.expressions.OrderBy(django.db.models.expressions.F("holds_from"), nulls_last=True), "code"]},
        ),
        migrations.RemoveField("edition", "year"),
    ]
