"""The trail's one head row and the triggers that keep it append-only."""

from django.db import migrations

from accounts.trail import triggers


def forwards(apps, schema_editor):
    apps.get_model("accounts", "TrailHead").objects.create(pk=1)
    triggers.lay(schema_editor.connection)


def backwards(apps, schema_editor):
    triggers.lift(schema_editor.connection)
    apps.get_model("accounts", "TrailHead").objects.all().delete()


class Migration(migrations.Migration):
    dependencies = [("accounts", "0001_initial")]
    operations = [migrations.RunPython(forwards, backwards)]
