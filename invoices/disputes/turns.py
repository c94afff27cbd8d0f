"""Contests, decisions and acceptances take turns: what one of them finds holds until its transaction ends."""

from django.db import connection

_TURNS = 0x5E1F_D15B  # any number of our own: PostgreSQL's advisory locks are named by numbers


def take_turn() -> None:
    """Wait until nobody else contests, decides or accepts; then do it alone until this transaction ends."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [_TURNS])
