"""Database triggers that refuse to change or delete a decision event; a purge and the tests' flush lift them."""

from typing import Any

_SQLITE = (
    "CREATE TRIGGER IF NOT EXISTS trail_keep_{verb} BEFORE {verb} ON accounts_decisionevent "
    "BEGIN SELECT RAISE(ABORT, 'the trail is append-only'); END"
)


def lay(connection: Any) -> None:
    """Put the triggers in place (again)."""
    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            for verb in ("UPDATE", "DELETE"):
                cursor.execute(_SQLITE.format(verb=verb))
        else:
            cursor.execute(
                "CREATE OR REPLACE FUNCTION trail_keep() RETURNS trigger AS $$ "
                "BEGIN RAISE EXCEPTION 'the trail is append-only'; END $$ LANGUAGE plpgsql"
            )
            lift(connection)
            cursor.execute(
                "CREATE TRIGGER trail_keep BEFORE UPDATE OR DELETE ON accounts_decisionevent "
                "FOR EACH ROW EXECUTE FUNCTION trail_keep()"
            )
            cursor.execute(
                "CREATE TRIGGER trail_keep_all BEFORE TRUNCATE ON accounts_decisionevent "
                "FOR EACH STATEMENT EXECUTE FUNCTION trail_keep()"
            )


def lift(connection: Any) -> None:
    """Take the triggers away."""
    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            for verb in ("UPDATE", "DELETE"):
                cursor.execute(f"DROP TRIGGER IF EXISTS trail_keep_{verb}")
        else:
            cursor.execute("DROP TRIGGER IF EXISTS trail_keep ON accounts_decisionevent")
            cursor.execute("DROP TRIGGER IF EXISTS trail_keep_all ON accounts_decisionevent")
