"""A number of things, as commands say it."""

import pytest

from selfbilling.counting import counted


@pytest.mark.parametrize(("number", "said"), [(0, "0 invoices"), (1, "1 invoice"), (2, "2 invoices")])
def test_one_thing_is_not_said_like_several(number: int, said: str) -> None:
    assert counted(number, "invoice") == said


def test_a_plural_of_its_own() -> None:
    assert [counted(number, "batch", "batches") for number in (1, 2)] == ["1 batch", "2 batches"]
