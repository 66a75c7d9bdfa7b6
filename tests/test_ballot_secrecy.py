"""The secrecy of a vote: what lies in the database says who has voted and how often each mark was given, nothing more."""

import datetime as dt
import itertools
import random

import pytest
from django.db import connection, models, transaction

from accounts.models import DecisionEvent, Notice
from assessments.ballot.models import Ballot, BallotCandidate, BallotVoter
from assessments.ballot.workflow import close_ballot, open_ballot, vote
from tests.test_ballot import Rating

pytestmark = pytest.mark.django_db
TABLES = (Ballot, BallotVoter, BallotCandidate)


def every_row() -> dict[str, list]:
    """All rows of all tables as the database itself hands them out, those of Django and of the engine included."""
    names = connection.introspection.table_names(include_views=False)
    if connection.vendor == "sqlite":
        names = [*names, "sqlite_sequence"]
    found = {}
    with connection.cursor() as cursor:
        for name in sorted(set(names)):
            cursor.execute(f"SELECT * FROM {connection.ops.quote_name(name)}")
            columns = [column[0] for column in cursor.description]
            found[name] = [dict(zip(columns, row, strict=True)) for row in cursor.fetchall()]
    return found


def physical(model: type[models.Model]) -> list[tuple]:
    """The rows in the order in which they lie in the file, with the hidden column that numbers them."""
    hidden = "rowid, *" if connection.vendor == "sqlite" else "*"
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {hidden} FROM {model._meta.db_table}")
        rows = cursor.fetchall()
    # A rolled-back test leaves dead rows in PostgreSQL's pages, around which the next ones lie.
    return rows if connection.vendor == "sqlite" else sorted(rows)


def people_as_they_lie() -> list[int]:
    """The people of the counts in the order in which their rows lie in the file."""
    hidden = "rowid" if connection.vendor == "sqlite" else "ctid"
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT cadre_id FROM {BallotCandidate._meta.db_table} ORDER BY {hidden}")
        return [row[0] for row in cursor.fetchall()]


def changed_by(act) -> dict[str, list[dict]]:
    """Per table the values of every row that an act changed or added, the columns that stayed left out."""
    before = every_row()
    act()
    after, found = every_row(), {}
    for table, rows in after.items():
        old = {row.get("id", str(row)): row for row in before[table]}
        assert len(rows) == len(old) == len(before[table]), f"{table} has another number of rows"
        new = [
            {column: value for column, value in row.items() if old[key].get(column) != value}
            for row in rows if (key := row.get("id", str(row))) in old and old[key] != row
        ]  # fmt: skip
        assert all(row.get("id", str(row)) in old for row in rows), f"{table} has another row"
        if new:
            found[table] = new
    return found


def test_a_vote_changes_the_voters_flag_and_the_counts_and_not_one_other_value_in_the_database():
    rating = Rating()
    user, liked, disliked = rating.users[5:8]
    page, url = rating.page(user), rating.ballot.get_absolute_url()
    page.get(url)
    marks = {f"mark_{liked.cadre.public_id}": "good", f"mark_{disliked.cadre.public_id}": "poor"}
    changed = changed_by(lambda: page.post(f"{url}vote/", marks))
    assert set(changed) == {model._meta.db_table for model in TABLES}
    assert changed[BallotVoter._meta.db_table] == [{"voted": True}]
    assert sorted(changed[BallotCandidate._meta.db_table], key=str) == [{"good": 1}, {"poor": 1}]
    assert changed[Ballot._meta.db_table] == [{"valid": 1}]


def test_a_refused_vote_changes_nothing():
    rating = Rating()
    user = rating.users[5]
    page, url = rating.page(user), f"{rating.ballot.get_absolute_url()}vote/"
    page.get(rating.ballot.get_absolute_url())
    for marks in (
        {f"mark_{user.cadre.public_id}": "good"},
        {"mark_x": "good"},
        {f"mark_{rating.users[6].cadre.public_id}": "best"},
    ):
        assert changed_by(lambda marks=marks: page.post(url, marks)) == {}


def test_a_vote_leaves_no_event_and_no_notice():
    rating = Rating()
    before = (DecisionEvent.objects.count(), Notice.objects.count())
    rating.vote(rating.users)
    assert (DecisionEvent.objects.count(), Notice.objects.count()) == before


def test_the_rows_are_the_same_whoever_marked_what_and_in_whatever_order():
    """Nothing of the assignment of marks to voters is in the tables: every assignment and order gives the same rows."""
    rating = Rating()
    world, voters = rating.world, rating.users[:9]
    Ballot.objects.all().delete()
    rated = [world.person(world.bureau) for _ in range(3)]
    ballot = open_ballot(by=world.liaison, unit=world.bureau, title="测评", closes_on=world.today,
                         voters=[user.cadre for user in voters], candidates=rated)  # fmt: skip
    papers = list(itertools.islice(itertools.product(("good", "fair", "poor", "none"), repeat=3), 20, 29))
    chance, states = random.Random(4), []
    for _ in range(12):
        users, marks = chance.sample(voters, 9), chance.sample(papers, 9)
        with transaction.atomic():
            for user, paper in zip(users, marks, strict=True):
                vote(ballot, by=user, answers={cadre.pk: mark for cadre, mark in zip(rated, paper, strict=True)})
            states.append({model: physical(model) for model in TABLES})
            transaction.set_rollback(True)
    assert all(state == states[0] for state in states)


def test_no_column_beside_ballot_and_person_joins_the_voters_to_the_counts():
    rating = Rating()
    rating.vote(rating.users[:9], "fair")
    voters, counted = (list(model.objects.values()) for model in (BallotVoter, BallotCandidate))
    assert {name for name in voters[0] if name in counted[0]} == {"id", "ballot_id", "cadre_id"}
    keys = {str(row["id"]) for row in voters}
    assert not keys & {str(row["id"]) for row in counted}
    # The person in the counts is whom the marks are about; his own marks are in nobody's row more than in another's.
    assert len({(row["good"], row["fair"], row["poor"]) for row in counted if row["cadre_id"] not in
                {user.cadre_id for user in rating.users[:9]}}) == 1  # fmt: skip


def test_no_table_of_a_ballot_knows_a_time_finer_than_the_day():
    fine = (models.DateTimeField, models.TimeField, models.DurationField)
    fields = [field for model in TABLES for field in model._meta.get_fields() if not field.is_relation]
    assert [field.name for field in fields if isinstance(field, fine)] == []
    assert [f.name for f in fields if isinstance(f, models.DateField)] == ["opened_on", "closes_on", "closed_on"]
    assert all(
        not isinstance(value, dt.datetime)
        for rows in (model.objects.values_list() for model in TABLES)
        for value in rows
    )


def test_no_table_links_a_vote_to_a_user_a_session_or_an_entry_of_a_log():
    people = {
        "accounts.user",
        "accounts.session",
        "accounts.accesslog",
        "accounts.decisionevent",
        "accounts.roleassignment",
    }
    for model in TABLES:
        there = {f.related_model._meta.label_lower for f in model._meta.get_fields() if f.is_relation and f.concrete}
        assert not there & people
    assert BallotVoter not in {f.related_model for f in BallotCandidate._meta.get_fields() if f.is_relation}


def test_closing_writes_the_counts_anew_under_random_keys_in_random_order():
    rating = Rating(days=0)
    rating.vote(rating.users)
    old = set(BallotCandidate.objects.values_list("pk", flat=True))
    close_ballot(rating.ballot, by=rating.world.liaison)
    rows = list(BallotCandidate.objects.all())
    assert len(rows) == len(old) == 12
    assert not old & {row.pk for row in rows}
    lying = people_as_they_lie()
    # Twelve rows in the order of voting by chance: once in 479 million.
    assert lying != [user.cadre_id for user in rating.users]
    assert lying != sorted(lying)


def test_the_order_of_the_counts_says_nothing_of_the_order_of_voting():
    """Shuffle test: over many closings the rank of a person's row is unrelated to his place among the voters."""
    rating = Rating(days=0)
    rating.vote(rating.users)
    place = {user.cadre_id: n for n, user in enumerate(rating.users)}
    by_key, by_file, rounds = 0, 0, 60
    for _ in range(rounds):
        with transaction.atomic():
            close_ballot(rating.ballot, by=rating.world.liaison)
            keys = BallotCandidate.objects.order_by("pk").values_list("cadre", flat=True)
            by_key += sum(n * place[cadre] for n, cadre in enumerate(keys))
            by_file += sum(n * place[cadre] for n, cadre in enumerate(people_as_they_lie()))
            transaction.set_rollback(True)
    n = len(place)
    mean = n * ((n - 1) / 2) ** 2
    # Variance of sum(i * p(i)) over random permutations: (n^2 - 1)^2 n^2 / (144 (n - 1)); four deviations of the mean.
    width = 4 * ((n**2 - 1) ** 2 * n**2 / (144 * (n - 1)) / rounds) ** 0.5
    assert abs(by_key / rounds - mean) < width
    assert abs(by_file / rounds - mean) < width


@pytest.mark.postgres
def test_hidden_columns_of_postgres_are_the_same_in_every_row():
    rating = Rating()
    for user in rating.users[:5]:
        rating.vote([user], "poor")
        with connection.cursor() as cursor:
            for model in (BallotVoter, BallotCandidate):
                cursor.execute(f"SELECT count(DISTINCT (xmin::text, cmin::text)) FROM {model._meta.db_table}")
                assert cursor.fetchone() == (1,), model
