"""Whole networks, from files to invoices, held against the slow calculation: every line, total and reason."""

import os
import tempfile
from pathlib import Path
from typing import Any

import pytest
from django.db import connection, transaction
from hypothesis import HealthCheck, given, settings

from invoices.drafting import NothingToBill
from invoices.importing import activity, adjustments, tariffs
from invoices.models import Draft, DraftLine, DraftVat, Held, Invoice, InvoiceLine, Run, VatTotal
from relays.importing import mandates, relays
from selfbilling.tabular.importing import Judge, take
from tests import world
from tests.invoices import networks, slow_calculator
from tests.invoices.slow_calculator import Line, Registered

JUDGES: dict[str, Judge] = {
    "relays": relays.judge,
    "mandates": mandates.judge,
    "tariffs": tariffs.judge,
    "activity": activity.judge,
    "adjustments": adjustments.judge,
}
FUZZING = int(os.environ.get("FUZZ_EXAMPLES", "0"))
"""How many networks `make fuzz` tries; without it, the same few each time."""


def billed(folder: Path) -> Run | None:
    """The month of the folder's files, imported, billed, approved and issued on 2 November; None if there is nothing to bill."""
    with world.on(world.BILLED_ON):
        for name, judge in JUDGES.items():
            take(judge, folder / f"{name}.csv")
        try:
            run = world.bill()
        except NothingToBill:
            return None
        world.approve()
        world.issue()
        with connection.cursor() as cursor:
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
    return run


def said(one: Draft | Invoice, *, delivery: str) -> Registered:
    """A draft or an invoice in the words of the slow calculation."""
    lines: list[DraftLine | InvoiceLine] = list(one.lines.all())
    totals: list[DraftVat | VatTotal] = sorted(one.vat_totals.all(), key=lambda total: total.category != "S")
    return Registered(
        relay_code=one.relay.code,
        net=one.net,
        vat=one.vat,
        gross=one.gross,
        vat_breakdown="|".join(f"{total.category}:{total.rate}:{total.base}:{total.vat}" for total in totals),
        delivery=delivery,
        lines=tuple(
            sorted(
                Line(
                    service_code=line.service_code,
                    label=line.label,
                    unit_code=line.unit_code,
                    unit_price=line.unit_price,
                    category=line.category,
                    quantity=line.quantity,
                    net=line.net,
                )
                for line in lines
            )
        ),
    )


def reason(held: Held) -> tuple[str, str, str]:
    """(relay, reason, the day that it names)."""
    day = held.detail.removeprefix("the issue date ")[:10] if held.reason == "no_mandate" else ""
    return held.relay.code, held.reason, day


def compare(files: networks.Files) -> None:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        networks.write(files, folder)
        rows, held = slow_calculator.register(folder, "2026-10", world.BILLED_ON)
        run = billed(folder)
    if run is None:
        assert (rows, held) == ([], [])
        return
    invoices = [said(invoice, delivery=invoice.channel) for invoice in run.invoices.order_by("relay__code")]
    assert invoices == rows
    assert [said(draft, delivery=row.delivery) for draft, row in zip(run.drafts.order_by("relay__code"), rows, strict=True)] == rows
    assert [reason(one) for one in run.held.select_related("relay").order_by("relay__code")] == [
        (one.relay_code, one.reason, networks.optional_date(one.first_uncovered)) for one in held
    ]


@pytest.mark.django_db
@settings(
    max_examples=FUZZING or 25,
    derandomize=not FUZZING,
    database=None,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)
@given(files=networks.networks())
def test_every_line_total_and_reason_is_the_slow_calculation_s(files: Any) -> None:
    with transaction.atomic():
        compare(files)
        transaction.set_rollback(True)
