"""activity.csv -> counts by relay, day and service (docs/files.md)."""

import datetime as dt
from pathlib import Path
from typing import NamedTuple

from invoices.importing.daily import Daily, JudgedDaily
from relays.importing.identifiers import relay_code
from selfbilling.tabular.cells import BadCell, day, filled_text, remembered, whole
from selfbilling.tabular.reading import Column, Table, Watch, unwatched


class ActivityRow(NamedTuple):
    """One row of activity.csv. quantity: positive, or negative for a correction."""

    relay_code: str
    day: dt.date
    service_code: str
    quantity: int


_any_quantity = whole(least=-2_147_483_647, most=2_147_483_647)


@remembered
def quantity(cell: str) -> int:
    """A whole number other than zero. Raises BadCell."""
    value = _any_quantity(cell)
    if value == 0:
        raise BadCell("is zero", "leave the row out")
    return value


_UNKNOWN_SERVICE = """
    INSERT INTO bad
    SELECT line, 15, 'service_code', what, 'is in no imported tariff', 'import its tariff first, or mend the code'
    FROM judged WHERE what NOT IN (SELECT service_code FROM invoices_tariffset)
"""
_DAILY = Daily(
    table=Table(
        "activity",
        Column("relay_code", relay_code),
        Column("day", day),
        Column("service_code", filled_text(longest=60)),
        Column("quantity", quantity),
        make=ActivityRow,
    ),
    target="invoices_activity",
    what="service_code",
    value="quantity",
    sign_in_key=True,
    other_value_remedy="what is imported stays; a correction is a row of its own, of the other sign, or an adjustment",
    more_checks=(_UNKNOWN_SERVICE,),
)
TABLE = _DAILY.table


def judge(path: Path, *, watch: Watch = unwatched) -> JudgedDaily:
    """Read activity.csv and compare it with the database, inside the caller's transaction. Raises BadFile."""
    return JudgedDaily(_DAILY, path, watch=watch)
