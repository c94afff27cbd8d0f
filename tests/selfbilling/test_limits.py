"""How often somebody may do what is costly."""

import datetime as dt
from concurrent.futures import ThreadPoolExecutor

import pytest
import time_machine
from django.db import connection

from selfbilling.limits import Limit

LIMIT = Limit(name="tried", times=5, seconds=60)
START = dt.datetime(2026, 11, 10, 12, 0, 15, tzinfo=dt.UTC)


@pytest.mark.django_db
def test_each_has_so_many_in_a_window_and_is_told_how_long_it_lasts() -> None:
    with time_machine.travel(START, tick=False) as clock:
        assert [LIMIT.seconds_to_wait("alice") for _ in range(6)] == [0, 0, 0, 0, 0, 45]
        assert LIMIT.seconds_to_wait("bob") == 0
        assert Limit(name="another", times=1, seconds=60).seconds_to_wait("alice") == 0
        clock.shift(45)
        assert LIMIT.seconds_to_wait("alice") == 0


@pytest.mark.django_db(transaction=True)
def test_at_once_no_more_pass_than_one_after_another() -> None:
    def once(_: int) -> int:
        try:
            return Limit(name="at-once", times=5, seconds=86_400).seconds_to_wait("alice")
        finally:
            connection.close()

    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(once, range(24)))
    assert answers.count(0) == 5
