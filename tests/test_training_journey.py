"""The class in a real browser: a roll on a phone, a quiz on a phone, a phase closed and the class led on."""

import pytest

from cohorts.referral.models import State
from cohorts.training.models import Attendance
from tests.chromium import PHONE
from tests.test_journey import send, sign_in, world  # noqa: F401 -- fixtures
from tests.test_training import QUIZ, practising, session

pytestmark = pytest.mark.django_db(transaction=True)


def test_a_class_from_its_roll_to_the_review(world, sign_in, axe):  # noqa: F811
    cohort = world.open_class(teacher=world.teacher)
    case = world.confirmed()
    chief = sign_in(world.chief)
    chief.goto(f"{cohort.get_absolute_url()}admit/")
    axe(chief)
    send(chief, f"{cohort.get_absolute_url()}admit/", number="D1")
    case.refresh_from_db()
    assert case.state == State.IN_THEORY
    row = session(world, cohort, day=cohort.starts_on)

    teacher = sign_in(world.teacher, size=PHONE)
    teacher.goto("/")
    teacher.locator(f"a[href='{row.get_absolute_url()}roll/']").first.click()
    axe(teacher)
    assert teacher.evaluate("document.documentElement.scrollWidth") <= PHONE[0]
    assert not teacher.locator(f"[name=reason_{case.pk}]").is_visible()
    teacher.locator(
        f"label[for={teacher.locator(f'[name=mark_{case.pk}][value=excused]').get_attribute('id')}]"
    ).click()
    teacher.locator(f"[name=reason_{case.pk}]").fill("At the doctor")
    teacher.locator("main form button.btn-primary").click()
    teacher.wait_for_url(f"**{cohort.get_absolute_url()}")
    assert Attendance.objects.get(case=case).mark == "excused"
    axe(teacher)

    send(teacher, f"{cohort.get_absolute_url()}quiz/write/", text=QUIZ, pass_mark=3)
    teacher.get_by_role("button", name="Open the quiz").click()
    teacher.get_by_role("button", name="Close the quiz").wait_for()
    axe(teacher)
    trainee = sign_in(world.trainee, size=PHONE)
    trainee.goto("/class/")
    axe(trainee)
    assert trainee.evaluate("document.documentElement.scrollWidth") <= PHONE[0]
    trainee.get_by_role("link", name="Take the opening quiz").click()
    axe(trainee)
    for name, value in (("answer_0", 1), ("answer_1", 0)):
        trainee.locator(f"[name={name}][value='{value}']").check()
    trainee.get_by_role("button", name="Hand in").click()
    trainee.get_by_text("3 / 3").wait_for()

    send(chief, f"{cohort.get_absolute_url()}phases/1/close/")
    practising(world, cohort, [case])
    send(chief, f"{cohort.get_absolute_url()}phases/2/close/", reason="Ended early.")
    chief.goto(cohort.get_absolute_url())
    axe(chief)
    chief.get_by_role("button", name="Open the return review for all").click()
    chief.get_by_text("Led on: 1.").wait_for()
    case.refresh_from_db()
    assert case.state == State.UNDER_REVIEW
