"""The demonstration network, written as the operator's five files (docs/files.md)."""

import csv
import datetime as dt
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from invoices.demonstration import cast, counts
from invoices.demonstration.months import Months, month_after, parse
from invoices.demonstration.shops import Shop, shop

Row = Sequence[object]

RELAYS = (
    "relay_code,legal_name,trade_name,legal_form,siret,vat_number,vat_regime,vat_from,address_line1,address_line2,"
    "postcode,city,country,email,phone,iban,email_opt_in_on,rcs_city,share_capital,vat_on_debits,size"
)
MANDATES = "relay_code,text_version,signed_on,valid_from,valid_to,channel"
TARIFFS = "service_code,label,unit_code,from_quantity,unit_price,valid_from,relay_code"
ACTIVITY = "relay_code,day,service_code,quantity"
ADJUSTMENTS = "relay_code,day,label,amount"

DELIVERED = "Colis remis au destinataire"
OTHER_SERVICES = (
    ("DEP", "Colis déposé par un expéditeur", "C62", "0.2950"),
    ("RET", "Retour pris en charge", "C62", "0.2205"),
    ("INS", "Colis en instance non réclamé", "C62", "0.0815"),
    ("FOR", "Forfait mensuel de mise à disposition", "MON", "15.0000"),
)


def write(folder: Path, *, months: Sequence[str], relays: int = 300, seed: int = 1) -> None:
    """Write relays.csv, mandates.csv, tariffs.csv, activity.csv and adjustments.csv; the folder is made if need be.

    months: "2026-10"; several in order; the last one is the month to bill, in which the peculiar things happen.
    relays: how many, 40 or more. The same arguments write the same bytes, and a relay is the same in a network of
    any size. Raises ValueError for fewer relays, or months that are none or out of order.
    """
    if relays < cast.SMALLEST:
        raise ValueError(f"a demonstration has {cast.SMALLEST} relays or more")
    told = parse(months)
    shops = [shop(rank=rank, seed=seed, months=told) for rank in range(1, relays + 1)]
    folder.mkdir(parents=True, exist_ok=True)
    _write(folder / "relays.csv", header=RELAYS, rows=_relays(shops))
    _write(folder / "mandates.csv", header=MANDATES, rows=_mandates(shops, months=told))
    _write(folder / "tariffs.csv", header=TARIFFS, rows=_tariffs(shops, months=told))
    _write(folder / "activity.csv", header=ACTIVITY, rows=_activity(shops, months=told, seed=seed))
    _write(folder / "adjustments.csv", header=ADJUSTMENTS, rows=_adjustments(shops, months=told))


def _write(path: Path, *, header: str, rows: Iterable[Row]) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        file.write(f"{header}\n")
        csv.writer(file, lineterminator="\n").writerows(rows)


def _relays(shops: Iterable[Shop]) -> Iterator[Row]:
    for each in shops:
        owner = each.owner
        for regime in owner.regimes:
            yield (
                *(each.code, owner.legal_name, each.trade_name, owner.legal_form, each.siret),
                *(regime.vat_number, regime.name, regime.since),
                *(each.address_line1, each.address_line2, owner.commune.postcode, each.city, "FR"),
                *(each.email, each.phone, owner.iban, each.opt_in_on or ""),
                "" if owner.legal_form == "EI" else owner.commune.rcs_city,
                owner.share_capital,
                "yes" if owner.vat_on_debits else "no",
                owner.size,
            )


def _mandate_days(rank: int, *, months: Months) -> list[tuple[dt.date, dt.date | None]]:
    """The relay's mandates: first and last valid day (None: open-ended)."""
    start = dt.date(months.first.year - 1, 12, 1)
    if rank == cast.WITHOUT_MANDATE:
        return []
    if rank == cast.MANDATE_ENDS_EARLY:
        return [(start, months.last.replace(day=20))]
    if rank == cast.TWO_MANDATES:
        return [(start, months.last.replace(day=15)), (months.last.replace(day=16), None)]
    if rank == cast.STARTS_LATE:
        return [(months.last.replace(day=10), None)]
    return [(start, None)]


def _mandates(shops: Iterable[Shop], *, months: Months) -> Iterator[Row]:
    for each in shops:
        for valid_from, valid_to in _mandate_days(each.rank, months=months):
            signed_on = valid_from - dt.timedelta(days=1 + each.rank % 9)
            yield each.code, f"{signed_on.year}-1", signed_on, valid_from, valid_to or "", "paper"


def _tariffs(shops: Sequence[Shop], *, months: Months) -> Iterator[Row]:
    """This year's prices, last year's, one relay's own, and the bicycle's, which start after the last month."""
    this_year = dt.date(months.first.year, 1, 1)
    last_year = dt.date(months.first.year - 1, 1, 1)
    for since, bands in (
        (last_year, ((0, "0.3800"), (300, "0.3500"), (1000, "0.3100"), (2000, "0.3000"))),
        (this_year, ((0, "0.3850"), (500, "0.3475"), (1500, "0.3125"))),
    ):
        for from_quantity, price in bands:
            yield "LIV", DELIVERED, "C62", from_quantity, price, since, ""
        for service_code, label, unit_code, price in OTHER_SERVICES:
            yield service_code, label, unit_code, 0, price, since, ""
    own = next(each.code for each in shops if each.rank == cast.OWN_TARIFF)
    yield "LIV", DELIVERED, "C62", 0, "0.4100", this_year, own
    yield "LIV", DELIVERED, "C62", 250, "0.3725", this_year, own
    yield "VEL", "Colis livré à vélo", "C62", 0, "1.9000", month_after(months.last), ""


def _activity(shops: Sequence[Shop], *, months: Months, seed: int) -> Iterator[Row]:
    for start in months.starts:
        peaks = counts.peak_days(start=start, seed=seed)
        for each in shops:
            for count in counts.activity(each, start=start, months=months, seed=seed, peaks=peaks):
                yield each.code, *count


def _adjustments(shops: Sequence[Shop], *, months: Months) -> Iterator[Row]:
    for start in months.starts:
        for each in shops:
            for amount in counts.adjustments(each, start=start, months=months):
                yield each.code, *amount
