"""activity.csv: counts by relay, day and service."""

import tracemalloc
from pathlib import Path

import pytest

from invoices.importing import activity
from invoices.models import Activity
from relays.models import Relay
from tests.operators_files import ACTIVITY, Inbox, Row
from tests.world import an_invoice, tariff

pytestmark = pytest.mark.django_db


@pytest.fixture
def inbox(tmp_path: Path) -> Inbox:
    for code in ("R0001", "r-2"):
        Relay.objects.create(code=code)
    tariff("LIV")
    tariff("DEP")
    return Inbox(tmp_path, activity.judge, ACTIVITY)


def rows() -> list[tuple[str, str, str, int]]:
    order = ("relay__code", "day", "service_code", "quantity")
    return [(code, str(day), service, quantity) for code, day, service, quantity in Activity.objects.order_by(*order).values_list(*order)]


def test_rows_go_in_and_the_same_again_is_ignored(inbox: Inbox) -> None:
    some: list[Row] = [{}, {"quantity": "-3"}, {"service_code": "DEP", "day": "31/10/2026"}, {"relay_code": "r-2", "quantity": "+7"}]
    assert inbox.take(*some[:3]) == "3 new, 0 changed, 0 there already, 0 bad"
    assert inbox.take(*some) == "1 new, 0 changed, 3 there already, 0 bad"
    assert rows() == [
        ("R0001", "2026-10-01", "LIV", -3),
        ("R0001", "2026-10-01", "LIV", 24),
        ("R0001", "2026-10-31", "DEP", 24),
        ("r-2", "2026-10-01", "LIV", 7),
    ]


@pytest.mark.parametrize(
    ("column", "value"),
    [
        ("relay_code", ""),
        ("relay_code", "R9"),
        ("relay_code", "r0001"),
        ("relay_code", "R 1"),
        ("day", ""),
        ("day", "2026-10-32"),
        ("service_code", ""),
        ("service_code", "liv"),
        ("service_code", "L\\IV"),
        ("service_code", "x" * 61),
        ("quantity", ""),
        ("quantity", "0"),
        ("quantity", "-0"),
        ("quantity", "1.5"),
        ("quantity", "24,0"),
        ("quantity", "1 000"),
        ("quantity", "1_0"),
        ("quantity", "２４"),
        ("quantity", "2147483648"),
    ],
)
def test_a_bad_value_is_named(inbox: Inbox, column: str, value: str) -> None:
    (said,) = inbox.refused({"day": "2026-10-05"}, {column: value})
    assert said.startswith(f"line 3: {column} “{value[:50]}")
    assert not Activity.objects.exists()


def test_every_problem_of_a_row_is_listed(inbox: Inbox) -> None:
    said = inbox.refused({"relay_code": "R9", "service_code": "X"}, {"day": "?", "quantity": "?"})
    assert [line.partition(" “")[0] for line in said] == ["line 2: relay_code", "line 2: service_code", "line 3: day", "line 3: quantity"]


def test_a_key_twice_is_bad_even_if_equal_and_the_sign_is_part_of_it(inbox: Inbox) -> None:
    said = inbox.refused({}, {"quantity": "-1"}, {}, {"day": "01/10/2026", "quantity": "5"}, {"service_code": "DEP"})
    assert [line.partition(":")[0] for line in said] == ["line 2", "line 4", "line 5"]
    assert said[0].endswith("sign “R0001 2026-10-01 LIV” is there 3 times (lines 2 to 5); keep one row of them")


def test_the_same_key_with_another_quantity_is_bad(inbox: Inbox) -> None:
    inbox.take({})
    (said,) = inbox.refused({"quantity": "25"})
    assert said.startswith("line 2: quantity “25” is 24 in what was imported before")
    assert inbox.take({"quantity": "-1"}).startswith("1 new")


def test_a_month_with_its_invoice_takes_no_new_row(tmp_path: Path) -> None:
    an_invoice("R0001", quantity=100)  # on 10 October
    Relay.objects.create(code="R0002")
    inbox = Inbox(tmp_path, activity.judge, ACTIVITY)
    assert inbox.take({"day": "2026-10-10", "quantity": "100"}) == "0 new, 0 changed, 1 there already, 0 bad"
    (said,) = inbox.refused({"day": "2026-10-31"}, {"day": "2026-09-30"}, {"day": "2026-11-01"}, {"relay_code": "R0002"})
    assert said == ("line 2: day “2026-10-31” is in a month of which this relay has its invoice; make it an adjustment in an open month")


def test_the_good_rows_alone(inbox: Inbox) -> None:
    report = inbox.take_good_rows({}, {"relay_code": "R9"}, {"quantity": "x"}, {"service_code": "DEP"})
    assert str(report.counts) == "2 new, 0 changed, 0 there already, 2 bad"
    assert [(row["relay_code"], row["quantity"], row["line"]) for row in inbox.rejected()] == [("R9", "24", "3"), ("R0001", "x", "4")]


@pytest.mark.parametrize("quantity", ["3", "x", "0"])
def test_memory_is_bounded_whether_rows_are_good_or_bad(inbox: Inbox, quantity: str) -> None:
    with inbox.file.open("w") as file:
        file.write("relay_code,day,service_code,quantity\n")
        file.writelines(f"R0001,{y}-{m:02}-{d:02},LIV,{quantity}\n" for y in range(1950, 2130) for m in range(1, 13) for d in range(1, 29))
    tracemalloc.start()
    judged = activity.judge(inbox.file)
    seen = sum(1 for _ in judged.bad_rows())
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert judged.counts.rows == 60_480
    assert seen == judged.counts.bad == (0 if quantity == "3" else 60_480)
    assert peak < 40_000_000
