import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models
from django.db.models import F, Q


class Migration(migrations.Migration):
    dependencies = [
        ("assessments", "0009_rule_changes"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.RemoveConstraint(model_name="pointrules", name="point_rules_one_a_month"),
        # Versions from before are in force; nobody approved them, and their moment stands in the trail only.
        migrations.AddField(
            model_name="pointrules",
            name="state",
            field=models.CharField(
                choices=[("draft", "draft"), ("approved", "approved")], default="approved", max_length=8
            ),
        ),
        migrations.AlterField(
            model_name="pointrules",
            name="state",
            field=models.CharField(choices=[("draft", "draft"), ("approved", "approved")], default="draft", max_length=8),
        ),
        migrations.AddField(model_name="pointrules", name="set_at", field=models.DateTimeField(null=True)),
        migrations.AddField(
            model_name="pointrules",
            name="drafters",
            field=models.ManyToManyField(related_name="+", to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name="pointrules",
            name="approved_by",
            field=models.ForeignKey(
                blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
            ),
        ),
        migrations.AddField(
            model_name="pointrules", name="approved_at", field=models.DateTimeField(blank=True, null=True)
        ),
        migrations.AddConstraint(
            model_name="pointrules",
            constraint=models.UniqueConstraint(
                condition=Q(state="approved"), fields=("ledger", "starts_on"), name="point_rules_one_a_month"
            ),
        ),
        migrations.AddConstraint(
            model_name="pointrules",
            constraint=models.UniqueConstraint(condition=Q(state="draft"), fields=("ledger",), name="point_rules_one_draft"),
        ),
        migrations.AddConstraint(
            model_name="pointrules",
            constraint=models.CheckConstraint(
                condition=Q(state="draft", set_at__isnull=False, approved_by__isnull=True, approved_at__isnull=True)
                | Q(state="approved", approved_by__isnull=True, approved_at__isnull=True, set_at__isnull=True)
                | Q(state="approved", approved_by__isnull=False, approved_at__isnull=False) & ~Q(approved_by=F("set_by")),
                name="point_rules_second_person",
            ),
        ),
    ]
