"""adjustments.csv: one-off amounts for the relay's own service."""

from pathlib import Path

import pytest

from invoices.importing import adjustments
from invoices.models import Adjustment
from relays.models import Relay
from tests.operators_files import ADJUSTMENT, Inbox, Row
from tests.world import an_invoice

pytestmark = pytest.mark.django_db


@pytest.fixture
def inbox(tmp_path: Path) -> Inbox:
    Relay.objects.create(code="R0001")
    return Inbox(tmp_path, adjustments.judge, ADJUSTMENT)


def test_rows_go_in_and_the_same_again_is_ignored(inbox: Inbox) -> None:
    some: list[Row] = [{}, {"label": "Prime\\n qualité", "amount": "+12,3"}, {"day": "30/10/2026", "amount": "-9999999999.99"}]
    assert inbox.take(*some) == "3 new, 0 changed, 0 there already, 0 bad"
    assert inbox.take(*some) == "0 new, 0 changed, 3 there already, 0 bad"
    found = Adjustment.objects.order_by("day", "label").values_list("label", "amount")
    assert [(label, str(amount)) for label, amount in found] == [
        ("Malus qualité", "-9999999999.99"),
        ("Malus qualité", "-15.00"),
        ("Prime\\n qualité", "12.30"),
    ]


@pytest.mark.parametrize(
    ("column", "value"),
    [
        ("relay_code", "R9"),
        ("day", "31/10/26"),
        ("label", " "),
        ("label", "x" * 201),
        ("label", "a\x0bb"),
        ("amount", ""),
        ("amount", "0"),
        ("amount", "-0.00"),
        ("amount", "12.345"),
        ("amount", "1 000,00"),
        ("amount", "1e2"),
        ("amount", "10000000000"),
    ],
)
def test_a_bad_value_is_named(inbox: Inbox, column: str, value: str) -> None:
    (said,) = inbox.refused({}, {"label": "Prime", column: value})
    assert said.startswith(f"line 3: {column} “")
    assert not Adjustment.objects.exists()


def test_a_key_twice_is_bad_whatever_the_amounts(inbox: Inbox) -> None:
    said = inbox.refused({}, {"amount": "5"}, {"amount": "?"}, {"label": "Malus"})
    assert [line.partition("; ")[0] for line in said] == [
        "line 2: relay_code, day, label “R0001 2026-10-31 Malus qualité” is there 3 times (lines 2 to 4)",
        "line 3: relay_code, day, label “R0001 2026-10-31 Malus qualité” is there 3 times (lines 2 to 4)",
        "line 4: amount “?” is not a number with at most 2 decimals",
        "line 4: relay_code, day, label “R0001 2026-10-31 Malus qualité” is there 3 times (lines 2 to 4)",
    ]


def test_another_amount_for_a_key_is_bad(inbox: Inbox) -> None:
    inbox.take({})
    (said,) = inbox.refused({"amount": "-15.01"})
    assert said.startswith("line 2: amount “-15.01” is -15.00 in what was imported before")


def test_a_month_with_its_invoice_takes_no_new_row(tmp_path: Path) -> None:
    an_invoice("R0001")
    inbox = Inbox(tmp_path, adjustments.judge, ADJUSTMENT)
    (said,) = inbox.refused({}, {"day": "2026-11-01"})
    assert said.startswith("line 2: day “2026-10-31” is in a month of which this relay has its invoice")
