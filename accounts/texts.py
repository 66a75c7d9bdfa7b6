"""Sentences of this app: events, roles, and what each role can do in the demonstration."""

from django.utils.translation import gettext_lazy as _

from accounts.permissions import Role

SENTENCES = {
    "why.default": _("You receive this because of your role in this matter."),
    **{f"role.{role.value}": role.label for role in Role},
    "event.account.create": _("Account created"),
    "event.account.disable": _("Account disabled"),
    "event.account.enable": _("Account enabled"),
    "event.account.reset_password": _("Password reset"),
    "event.account.password": _("Password changed"),
    "event.role.grant": _("Role granted"),
    "event.role.end": _("Role ended"),
    "event.setting.change": _("County setting changed"),
    "event.calendar.set": _("Working day entered"),
    "event.calendar.remove": _("Working day removed"),
    "demo.clerk": _("Verify nominations, serve notices, prepare the meeting's list."),
    "demo.chief": _("Name verification teams, open rounds, admit to the class, record reviews."),
    "demo.leader": _("Decide strike-outs, record the meeting's decisions, decide returns."),
    "demo.department_admin": _("Approve editions of criteria, open campaigns, export the cohort report."),
    "demo.verifier": _("Verify the cases of your batch."),
    "demo.unit_head": _("Check the names and sign your unit's return."),
    "demo.deputy": _("Prepare the return; sign a name where the head is recused."),
    "demo.liaison": _("Prepare the return: names, criteria, evidence."),
    "demo.cadre": _("Read why, and reply."),
    "demo.team_head": _("Record in a minute what you saw in the village today."),
    "demo.recorder": _("Record findings on any unit or cadre, one by one or from a list."),
    "demo.class_teacher": _("Keep the timetable, attendance and quiz of your class."),
    "demo.field_supervisor": _("Sign the logs of the trainees in your village."),
    "demo.payroll": _("Execute this month's suspensions and resumptions."),
    "demo.inspector": _("Open cases for a stated purpose, read only."),
    "demo.system_admin": _("Create the newcomer's account, disable and reset; never a case."),
    "demo.security_admin": _("Grant the role that waits, end others; never a case."),
    "demo.audit_admin": _("Read the trail and check its chain; never a case's content."),
}
