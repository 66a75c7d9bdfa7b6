"""Sentences of the class."""

from django.utils.translation import gettext_lazy as _

SENTENCES = {
    "guard.other_campaign": _("The class belongs to another campaign."),
    "guard.class_ended": _("The class ended on %(day)s."),
    "guard.class_under_way": _("The first block of the class is closed; admit into the next class."),
    "guard.teacher_barred": _("The class teacher is recused from this case; name another teacher first."),
    "guard.phase_open": _("The block of the class in which the trainee stands is not closed yet."),
    "guard.no_practice_next": _("No field practice follows in the programme of the class."),
    "guard.no_theory_next": _("No theory block follows in the programme of the class."),
    "guard.phases_to_come": _("The programme of the class is not complete yet: further blocks follow."),
    "notice.training": _(
        "Training notice: you are admitted to class %(number)s of %(year)s, from %(first)s to %(last)s."
    ),
    "notice.class_teacher": _("You are the teacher of class %(number)s of %(year)s."),
    "notice.quiz_open": _("The opening quiz of your class is open."),
    "event.cohort.open": _("Cohort opened"),
    "event.cohort.teacher": _("Class teacher named"),
    "event.cohort.monitor": _("Monitor named"),
    "event.phase.close": _("Phase closed"),
    "event.session.plan": _("Session put on the timetable"),
    "event.session.cancel": _("Session cancelled"),
    "event.session.roll": _("Attendance recorded"),
    "event.session.correct": _("Attendance corrected"),
    "event.quiz.write": _("Quiz written"),
    "event.quiz.open": _("Quiz opened"),
    "event.quiz.close": _("Quiz closed"),
    "event.quiz.take": _("Quiz answered"),
    "event.quiz.marks": _("Marks of the quiz entered"),
}
