"""adjustments.csv -> one-off amounts for the relay's own service (docs/files.md)."""

import datetime as dt
from decimal import Decimal
from pathlib import Path
from typing import NamedTuple

from invoices.importing.daily import Daily, JudgedDaily
from relays.importing.identifiers import relay_code
from selfbilling.tabular.cells import BadCell, day, decimal, filled_text, remembered
from selfbilling.tabular.reading import Column, Table, Watch, unwatched


class AdjustmentRow(NamedTuple):
    """One row of adjustments.csv. amount: EUR ex VAT, signed."""

    relay_code: str
    day: dt.date
    label: str
    amount: Decimal


_any_amount = decimal(places=2, below=10**10)


@remembered
def amount(cell: str) -> Decimal:
    """An amount in EUR other than zero, at most two decimals. Raises BadCell."""
    value = _any_amount(cell)
    if value == 0:
        raise BadCell("is zero", "leave the row out")
    return value


_DAILY = Daily(
    table=Table(
        "adjustments",
        Column("relay_code", relay_code),
        Column("day", day),
        Column("label", filled_text(longest=200)),
        Column("amount", amount),
        make=AdjustmentRow,
    ),
    target="invoices_adjustment",
    what="label",
    value="amount",
    sign_in_key=False,
    other_value_remedy="what is imported stays; write the difference under another label",
)
TABLE = _DAILY.table


def judge(path: Path, *, watch: Watch = unwatched) -> JudgedDaily:
    """Read adjustments.csv and compare it with the database, inside the caller's transaction. Raises BadFile."""
    return JudgedDaily(_DAILY, path, watch=watch)
