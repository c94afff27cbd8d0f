"""tariffs.csv -> sets of graduated bands, by service and relay (or the network), from a month on (docs/files.md)."""

import datetime as dt
from collections.abc import Iterable, Iterator, Mapping
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import NamedTuple

from django.db.models import Exists, OuterRef

from invoices.models import Band, InvoiceLine, TariffSet
from relays.importing.identifiers import relay_code_or_nothing
from relays.models import Relay
from selfbilling.tabular.cells import BadCell, clean, day, decimal, filled_text, remembered, whole
from selfbilling.tabular.importing import BadRow, Change, Counts
from selfbilling.tabular.reading import Column, Problem, Table, Watch, unwatched
from selfbilling.tabular.sheet import Sheet

_UNIT_CODES = Path(__file__).with_name("unit_codes.txt")
_A_BATCH = 1_000


class TariffRow(NamedTuple):
    """One row of tariffs.csv: a band. unit_price: EUR ex VAT. relay_code: "" means the network."""

    service_code: str
    label: str
    unit_code: str
    from_quantity: int
    unit_price: Decimal
    valid_from: dt.date
    relay_code: str


class Key(NamedTuple):
    """What names a set. relay_code: "" means the network."""

    service_code: str
    relay_code: str
    valid_from: dt.date


@cache
def unit_codes() -> frozenset[str]:
    """UN/ECE Recommendation 20 with 21, as the Factur-X schematron has them (BR-CL-23)."""
    return frozenset(_UNIT_CODES.read_text(encoding="ascii").split())


@remembered
def unit_code(cell: str) -> str:
    """A unit of UN/ECE Rec 20. Raises BadCell."""
    value = clean(cell)
    if value not in unit_codes():
        raise BadCell("is no unit of UN/ECE Rec 20", "write C62 for pieces, MON for a month, or another of its codes")
    return value


@remembered
def first_of_month(cell: str) -> dt.date:
    """A month's first day. Raises BadCell."""
    value = day(cell)
    if value.day != 1:
        raise BadCell("is not the first of a month", f"write {value.replace(day=1)}, or the first of the next month")
    return value


_any_price = decimal(places=4, below=10**8)


@remembered
def price(cell: str) -> Decimal:
    """A unit price: EUR ex VAT, 0 or more, at most four decimals. Raises BadCell."""
    value = _any_price(cell)
    if value < 0:
        raise BadCell("is negative", "write a price of 0 or more; a deduction is an adjustment")
    return value


TABLE = Table(
    "tariffs",
    Column("service_code", filled_text(longest=60)),
    Column("label", filled_text(longest=200)),
    Column("unit_code", unit_code),
    Column("from_quantity", whole(least=0, most=2_147_483_647)),
    Column("unit_price", price),
    Column("valid_from", first_of_month),
    Column("relay_code", relay_code_or_nothing),
    make=TariffRow,
)


class JudgedTariffs:
    """A tariffs.csv that was read and compared with the database."""

    def __init__(self, sheet: Sheet[TariffRow]) -> None:
        self.file = sheet.file
        self._sheet = sheet
        self._relay_ids = dict(Relay.objects.filter(code__in=_relay_codes(sheet)).values_list("code", "pk"))
        self._sets = _sets(sheet)
        _refuse_unknown_relays(sheet, self._relay_ids)
        _refuse_sets_without_first_band(sheet)
        _refuse_issued_sets(sheet, self._sets)
        sheet.refuse_twice(*Key._fields, "from_quantity")
        sheet.in_or_out_together(*Key._fields, what="the bands of a set")
        self._new: dict[Key, list[TariffRow]] = {}
        self._changed: dict[Key, list[TariffRow]] = {}
        self.counts = self._compare()

    def bad_rows(self) -> Iterator[BadRow]:
        """The bad rows, in the file's order."""
        return self._sheet.bad_rows()

    def changes(self) -> Iterator[Change]:
        """Of the sets that are replaced, the bands that change, come or go."""
        lines: dict[Key, dict[int, int]] = {}
        for line, row in self._sheet.good():
            lines.setdefault(Key(row.service_code, row.relay_code, row.valid_from), {})[row.from_quantity] = line
        for key, rows in self._changed.items():
            yield from _changes(key, before=self._sets[key].bands.all(), after=rows, lines=lines[key])

    def write(self) -> None:
        """Write the good sets, each whole."""
        Band.objects.filter(tariff_set__in=[self._sets[key] for key in self._changed]).delete()
        for key in self._new:
            relay_id = self._relay_ids[key.relay_code] if key.relay_code else None
            self._sets[key] = TariffSet(service_code=key.service_code, relay_id=relay_id, valid_from=key.valid_from)
        TariffSet.objects.bulk_create([self._sets[key] for key in self._new], batch_size=_A_BATCH)
        Band.objects.bulk_create(
            [
                Band(tariff_set=self._sets[key], **{name: getattr(row, name) for name in _OF_A_BAND})
                for key, rows in [*self._new.items(), *self._changed.items()]
                for row in rows
            ],
            batch_size=_A_BATCH,
        )

    def _compare(self) -> Counts:
        same = 0
        for key, rows in _by_set(row for _, row in self._sheet.good()).items():
            if key not in self._sets:
                self._new[key] = rows
            elif _bands(rows) == _bands(self._sets[key].bands.all()):
                same += len(rows)
            else:
                self._changed[key] = rows
        new, changed = (sum(map(len, sets.values())) for sets in (self._new, self._changed))
        return Counts(new=new, changed=changed, same=same, bad=sum(1 for _ in self.bad_rows()))


def judge(path: Path, *, watch: Watch = unwatched) -> JudgedTariffs:
    """Read tariffs.csv and compare it with the database, inside the caller's transaction. Raises BadFile."""
    return JudgedTariffs(Sheet(TABLE, TABLE.file(path, watch=watch)))


_OF_A_BAND = ("from_quantity", "unit_price", "label", "unit_code")


def _bands(rows: Iterable[TariffRow | Band]) -> set[tuple[object, ...]]:
    return {tuple(getattr(row, name) for name in _OF_A_BAND) for row in rows}


def _changes(key: Key, *, before: Iterable[Band], after: Iterable[TariffRow], lines: Mapping[int, int]) -> Iterator[Change]:
    """The bands that differ. lines: by from_quantity; a band that goes stands at the set's first line."""
    old: dict[int, Band | TariffRow] = {band.from_quantity: band for band in before}
    new: dict[int, Band | TariffRow] = {row.from_quantity: row for row in after}
    for start in sorted({*old, *new}):
        name = f"{key.service_code} {key.relay_code}".strip() + f" ≥ {start}"
        for column in _OF_A_BAND[1:]:
            was, is_now = (getattr(bands.get(start), column, None) for bands in (old, new))
            if was != is_now:
                yield Change(lines.get(start, min(lines.values())), name, column, was, is_now, key.valid_from)


def _by_set(rows: Iterable[TariffRow]) -> dict[Key, list[TariffRow]]:
    found: dict[Key, list[TariffRow]] = {}
    for row in rows:
        found.setdefault(Key(row.service_code, row.relay_code, row.valid_from), []).append(row)
    return found


def _relay_codes(sheet: Sheet[TariffRow]) -> set[str]:
    return {code for (code,) in sheet.groups("relay_code")} - {""}


def _sets(sheet: Sheet[TariffRow]) -> dict[Key, TariffSet]:
    """The sets that the database has of the file’s services, with their bands."""
    services = {service for (service,) in sheet.groups("service_code")}
    return {
        Key(each.service_code, each.relay.code if each.relay else "", each.valid_from): each
        for each in TariffSet.objects.filter(service_code__in=services).select_related("relay").prefetch_related("bands")
    }


def _refuse_unknown_relays(sheet: Sheet[TariffRow], known: dict[str, int]) -> None:
    for (code,), records in sheet.groups("relay_code").items():
        for record in records if code and code not in known else ():
            record.problems.append(Problem("relay_code", code, "is no imported relay", "import it first, or mend the code"))


def _refuse_sets_without_first_band(sheet: Sheet[TariffRow]) -> None:
    for records in sheet.groups(*Key._fields).values():
        starts = [record.part("from_quantity") for record in records]
        for record in records if None not in starts and (0,) not in starts else ():
            (start,) = record.part("from_quantity") or ("",)
            record.problems.append(Problem("from_quantity", str(start), "is in a set without a first band", "add its band from 0"))


def _refuse_issued_sets(sheet: Sheet[TariffRow], known: dict[Key, TariffSet]) -> None:
    """A known set may be replaced until a month rated by it is issued."""
    groups = {Key(*values): records for values, records in sheet.groups(*Key._fields).items()}
    differing = {
        known[key].pk: records
        for key, records in groups.items()
        if key in known and _bands(r.row for r in records if r.row is not None) != _bands(known[key].bands.all())
    }
    issued = Exists(InvoiceLine.objects.filter(tariff_set=OuterRef("pk")))
    for each in TariffSet.objects.filter(issued, pk__in=differing):
        for record in differing[each.pk]:
            reason = "starts a set by which a month is issued; it can no longer change"
            record.problems.append(Problem("valid_from", str(each.valid_from), reason, "start a new set on the first of a later month"))
