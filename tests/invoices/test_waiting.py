"""A command does the work itself where no worker answers. Real workers, pools and kills are in tests/faults."""

import pytest
from django.db.models import QuerySet

from invoices import working
from invoices.management.waiting import finish
from invoices.models import Due
from selfbilling.errors import Unavailable
from tests import world
from tests.invoices.test_production import issued, steps
from tests.invoices.test_production import own_archive as own_archive  # noqa: PLC0414  (a fixture)

pytestmark = pytest.mark.django_db
TASK = "invoices.tasks.seal"


def rows() -> QuerySet[Due]:
    return working.to_archive(world.OCTOBER)


def test_it_does_what_is_due_and_says_how_much(capsys: pytest.CaptureFixture[str]) -> None:
    issued(3)
    finish(rows, task=TASK, work=working.seal_and_shelve, label="Sealing")
    assert steps() == ["deliver"] * 3
    assert capsys.readouterr().err.startswith("Sealing: 3 invoices in ")


def test_nothing_due_is_nothing_said(capsys: pytest.CaptureFixture[str]) -> None:
    finish(rows, task=TASK, work=working.seal_and_shelve, label="Sealing")
    assert capsys.readouterr().err == ""


def test_what_was_put_off_is_tried_at_once_for_somebody_asks() -> None:
    (pk,) = issued(1)
    working.put_off([pk], step=Due.Step.SEAL, why="a bug")
    finish(rows, task=TASK, work=working.seal_and_shelve, label="Sealing")
    assert steps() == ["deliver"]


def test_what_is_put_off_now_stays_with_its_error() -> None:
    first, _ = issued(2)

    def work(ids: list[int]) -> None:
        working.put_off([first], step=Due.Step.SEAL, why="a bug")
        working.seal_and_shelve([pk for pk in ids if pk != first])

    finish(rows, task=TASK, work=work, label="Sealing")
    assert [(row.invoice_id, row.last_error) for row in rows()] == [(first, "a bug")]


def test_what_does_not_answer_is_said_as_it_comes() -> None:
    issued(1)

    def work(_ids: list[int]) -> None:
        raise Unavailable("The archive is full.")

    with pytest.raises(Unavailable, match="The archive is full"):
        finish(rows, task=TASK, work=work, label="Sealing")
    assert steps() == ["seal"]
