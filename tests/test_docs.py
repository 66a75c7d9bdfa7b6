"""Documents that are generated stay true."""

from django.core.management import call_command


def test_the_drawing_of_the_procedure_is_not_stale():
    call_command("draw_workflow", check=True)
