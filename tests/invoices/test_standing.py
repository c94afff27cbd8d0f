"""`month`: where a month stands, what waits and why, and the next command."""

import datetime as dt
from decimal import Decimal

import pytest

from invoices import production, working
from invoices.models import Due
from invoices.period import Period
from invoices.standing import standing
from relays.models import Mandate
from tests import world

pytestmark = pytest.mark.django_db


def stands(day: dt.date = world.BILLED_ON, *, month: Period = world.OCTOBER) -> tuple[str, str]:
    """(state, next command)."""
    with world.on(day):
        found = standing(month)
    return found.state, found.next_command


def test_from_no_activity_to_archived() -> None:
    assert stands() == ("no activity", "import_activity FILE")
    world.tariff()
    world.did(world.relay("R0001"), 100)
    world.did(world.relay("R0002", shop=1, city=""), 100)
    assert stands(dt.date(2026, 10, 31)) == ("not over", "bill 2026-10 --by EMAIL, from the first of the next month on")
    assert stands() == ("to bill", "bill 2026-10 --by EMAIL")
    world.bill()
    assert stands() == ("drafted, to approve", "approve 2026-10 --by EMAIL")
    world.approve()
    assert stands() == ("approved, to issue", "issue 2026-10")
    world.issue()
    assert stands() == ("issued, to seal and archive", "issue 2026-10")
    world.sealed_and_archived()
    assert stands() == ("issued and archived, to deliver", "deliver 2026-10")
    Due.objects.all().delete()
    assert stands() == ("issued, archived and delivered", "export_run 2026-10 DIR")


def test_an_adjustment_is_something_to_bill() -> None:
    world.adjusted(world.relay(), "5.00")
    assert stands()[0] == "to bill"
    assert stands(month=world.OCTOBER.previous)[0] == "no activity"


def test_its_figures() -> None:
    world.tariff()
    for shop, code in enumerate(("R0001", "R0002", "R0003")):
        world.did(world.relay(code, shop=shop), 100)
    world.did(world.relay("R0004", shop=3, city=""), 100)
    world.bill()
    assert (standing(world.OCTOBER).drafts, standing(world.OCTOBER).held) == (3, {"incomplete_identity": 1})
    world.approve()
    Mandate.objects.filter(relay__code="R0003").delete()
    world.issue()
    production.produce(list(Due.objects.values_list("invoice_id", flat=True)))
    production.shelve(list(Due.objects.values_list("invoice_id", flat=True))[:1])
    found = standing(world.OCTOBER)
    assert (found.drafts, found.invoices, found.sealed, found.archived, found.sent, found.on_paper) == (0, 2, 2, 1, 0, 0)
    assert (found.net, found.gross) == (Decimal("77.00"), Decimal("92.40"))
    assert found.held == {"incomplete_identity": 1, "no_mandate": 1}
    assert found.waiting == ["1 to deliver", "1 to archive"]


def test_what_waits_says_why() -> None:
    invoice = world.an_invoice()
    working.put_off([invoice.pk], step="seal", why="The key does not answer")
    assert standing(world.OCTOBER).waiting == ["1 to seal: The key does not answer"]


def test_a_late_file_after_issue_is_drafted_beside_what_is_issued() -> None:
    world.an_invoice()
    world.did(world.relay("R0002", shop=1), 10)
    world.bill()
    assert stands() == ("drafted, to approve", "approve 2026-10 --by EMAIL")
    found = standing(world.OCTOBER)
    assert (found.drafts, found.invoices) == (1, 1)


def test_looking_changes_nothing() -> None:
    world.an_invoice()
    before = list(Due.objects.values())
    standing(world.OCTOBER)
    assert list(Due.objects.values()) == before
