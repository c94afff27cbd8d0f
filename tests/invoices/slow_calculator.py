"""A second, slow and obvious calculation of a month, straight from the CSV files (docs/files.md, Rating and Held).

It imports nothing of the product, on purpose: what both say was worked out twice. Well-formed files only: it checks
no row, and knows only the files' first import (no later change of an identity).

Where the contract leaves room, this is the reading taken here, each in one function of its own:
- `billed_days`: a day on which some service's rows do not add up to zero, or with an adjustment: what was wholly
  corrected on its own day bills nothing, so that its day needs no mandate and no regime, and its service no tariff;
- `shown_vat_number`: "S without a VAT number" asks for the number that the invoice would show;
- `register`: "no line left" goes before all reasons to hold, whenever the lines can be worked out at all: each service
  has its set, each billed day its regime;
- `service_lines`: bands of one price are one line, with label and unit of the first of them that was touched.
"""

import csv
import datetime as dt
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from decimal import ROUND_HALF_UP, Decimal
from pathlib import Path

CENT = Decimal("0.01")
RATES = {"S": Decimal("20.00"), "E": Decimal("0.00")}
CATEGORIES = {"standard": "S", "franchise": "E"}

Row = dict[str, str]


@dataclass(frozen=True, order=True, kw_only=True)
class Line:
    """One line; service_code is empty for an adjustment. unit_price: EUR ex VAT; net to the cent."""

    service_code: str
    label: str
    unit_code: str
    unit_price: Decimal
    category: str
    quantity: int
    net: Decimal


@dataclass(frozen=True, kw_only=True)
class Registered:
    """What one invoice says; amounts in EUR. vat_breakdown and delivery are spelt as in register.csv."""

    relay_code: str
    net: Decimal
    vat: Decimal
    gross: Decimal
    vat_breakdown: str
    delivery: str
    lines: tuple[Line, ...]  # sorted: their order is nobody's business


@dataclass(frozen=True, kw_only=True)
class Held:
    """A relay that may not be billed; first_uncovered is the day that `no_mandate` has to name."""

    relay_code: str
    reason: str
    first_uncovered: dt.date | None = None


@dataclass(kw_only=True)
class Network:
    """The five files, as they are read. quantities: per relay, then (day, service, is positive)."""

    relays: dict[str, list[Row]] = field(default_factory=dict)  # regime history, by vat_from
    mandates: dict[str, list[Row]] = field(default_factory=dict)
    tariffs: list[Row] = field(default_factory=list)
    quantities: dict[str, dict[tuple[dt.date, str, bool], int]] = field(default_factory=dict)
    adjustments: dict[str, dict[tuple[dt.date, str], Decimal]] = field(default_factory=dict)


def rows_of(path: Path) -> Iterator[Row]:
    """The rows of one file: UTF-8 with or without BOM, comma or semicolon, blank lines skipped."""
    with path.open(encoding="utf-8-sig", newline="") as file:
        header = file.readline()
        file.seek(0)
        separator = ";" if header.count(";") > header.count(",") else ","
        for row in csv.DictReader(file, delimiter=separator):
            if any(row.values()):
                yield row


def day_of(text: str) -> dt.date:
    """A day written YYYY-MM-DD or DD/MM/YYYY."""
    if "/" in text:
        day, month, year = text.split("/")
        return dt.date(int(year), int(month), int(day))
    return dt.date.fromisoformat(text)


def number_of(text: str) -> Decimal:
    """A number with a decimal point or comma."""
    return Decimal(text.replace(",", "."))


def to_the_cent(amount: Decimal) -> Decimal:
    """Half away from zero: −0.125 → −0.13; never a negative zero."""
    return amount.quantize(CENT, rounding=ROUND_HALF_UP) + 0


def read(folder: Path, *, period: str) -> Network:
    """Read the five files of a folder; of activity and adjustments, only the rows of that month."""
    network = Network()
    for row in rows_of(folder / "relays.csv"):
        network.relays.setdefault(row["relay_code"], []).append(row)
    for history in network.relays.values():
        history.sort(key=lambda row: day_of(row["vat_from"]))
    for row in rows_of(folder / "mandates.csv"):
        network.mandates.setdefault(row["relay_code"], []).append(row)
    network.tariffs = list(rows_of(folder / "tariffs.csv"))
    for row in rows_of(folder / "activity.csv"):
        day, quantity = day_of(row["day"]), int(row["quantity"])
        if f"{day:%Y-%m}" == period:  # the same row again counts once
            network.quantities.setdefault(row["relay_code"], {})[day, row["service_code"], quantity > 0] = quantity
    for row in rows_of(folder / "adjustments.csv"):
        day = day_of(row["day"])
        if f"{day:%Y-%m}" == period:
            network.adjustments.setdefault(row["relay_code"], {})[day, row["label"]] = number_of(row["amount"])
    return network


def billed_days(network: Network, code: str) -> list[dt.date]:
    """The relay's billed days of the month, in order: a service's sum that is not zero, or an adjustment."""
    days = {day for service in services_of(network, code) for day in sums_by_day(network, code, service)}
    return sorted(days | {day for day, _ in network.adjustments.get(code, {})})


def services_of(network: Network, code: str) -> set[str]:
    """The services that the relay has rows of, even if they add up to nothing."""
    return {service for _, service, _ in network.quantities.get(code, {})}


def sums_by_day(network: Network, code: str, service: str) -> dict[dt.date, int]:
    """A service's units by day, its rows of a day summed; days that add up to zero are left out."""
    sums: dict[dt.date, int] = {}
    for (day, of_service, _), quantity in network.quantities[code].items():
        if of_service == service:
            sums[day] = sums.get(day, 0) + quantity
    return {day: total for day, total in sums.items() if total}


def regime_row(network: Network, code: str, day: dt.date) -> Row | None:
    """The regime row in force on a day; None before the first one."""
    in_force = [row for row in network.relays[code] if day_of(row["vat_from"]) <= day]
    return in_force[-1] if in_force else None


def category_on(network: Network, code: str, day: dt.date) -> str:
    """S or E; "" where no regime is in force."""
    row = regime_row(network, code, day)
    return CATEGORIES[row["vat_regime"]] if row else ""


def shown_vat_number(network: Network, code: str) -> str:
    """The VAT number that the invoice shows: that of the latest regime among the billed days."""
    row = regime_row(network, code, billed_days(network, code)[-1])
    return row["vat_number"] if row else ""


def bands_of(network: Network, *, code: str, service: str, period: str) -> list[Row]:
    """The bands in force on the month's first day, in order: the relay's own set, else the network's; else none."""
    first = dt.date.fromisoformat(f"{period}-01")
    for owner in (code, ""):
        rows = [
            row
            for row in network.tariffs
            if row["service_code"] == service and row["relay_code"] == owner and day_of(row["valid_from"]) <= first
        ]
        if rows:
            latest = max(day_of(row["valid_from"]) for row in rows)
            rows = [row for row in rows if day_of(row["valid_from"]) == latest]
            return sorted(rows, key=lambda row: int(row["from_quantity"]))
    return []


def band_of(bands: Sequence[Row], already: int) -> Row:
    """The band of the unit after `already` units; below zero, the first one."""
    found = bands[0]
    for band in bands:
        if int(band["from_quantity"]) <= already:
            found = band
    return found


def service_lines(network: Network, *, code: str, service: str, bands: Sequence[Row]) -> list[Line]:
    """Count the month's units one by one, in day order, each at its price and under the regime of its day."""
    by_day = sums_by_day(network, code, service)
    counted: dict[tuple[Decimal, str], int] = {}
    touched: dict[tuple[Decimal, str], Row] = {}
    already = 0
    for day in sorted(by_day):
        step = 1 if by_day[day] > 0 else -1
        for _ in range(abs(by_day[day])):
            band = band_of(bands, already if step > 0 else already - 1)  # a negative day gives the last units back
            key = (number_of(band["unit_price"]), category_on(network, code, day))
            counted[key] = counted.get(key, 0) + step
            touched.setdefault(key, band)
            already += step
    return [
        Line(
            service_code=service,
            label=touched[price, category]["label"],
            unit_code=touched[price, category]["unit_code"],
            unit_price=price,
            category=category,
            quantity=quantity,
            net=to_the_cent(quantity * price),
        )
        for (price, category), quantity in counted.items()
        if quantity
    ]


def adjustment_lines(network: Network, code: str) -> list[Line]:
    """One line an adjustment: quantity 1 or −1, a positive price, the VAT treatment of its day."""
    return [
        Line(
            service_code="",
            label=label,
            unit_code="C62",
            unit_price=abs(amount),
            category=category_on(network, code, day),
            quantity=1 if amount > 0 else -1,
            net=amount,
        )
        for (day, label), amount in network.adjustments.get(code, {}).items()
    ]


def first_uncovered(network: Network, code: str, today: dt.date) -> dt.date | None:
    """The first of the billed days and the issue date that no mandate covers; a mandate's last day counts."""
    for day in [*billed_days(network, code), today]:
        if not any(
            day_of(mandate["valid_from"]) <= day and (not mandate["valid_to"] or day <= day_of(mandate["valid_to"]))
            for mandate in network.mandates.get(code, [])
        ):
            return day
    return None


def identity_is_complete(network: Network, code: str) -> bool:
    """A regime on each billed day, a VAT number where one of them is S, and the fields that an invoice needs."""
    categories = {category_on(network, code, day) for day in billed_days(network, code)}
    needed = ("legal_name", "legal_form", "siret", "address_line1", "postcode", "city")
    return (
        "" not in categories
        and ("S" not in categories or bool(shown_vat_number(network, code)))
        and all(network.relays[code][0][column] for column in needed)
    )


def registered(network: Network, *, code: str, today: dt.date, lines: Sequence[Line]) -> Registered:
    """Totals: VAT on the sum of each treatment's nets, nowhere else."""
    net, vat, breakdown = Decimal(0), Decimal(0), []
    for category in ("S", "E"):
        nets = [line.net for line in lines if line.category == category]
        if nets:
            base = sum(nets, Decimal("0.00"))
            tax = to_the_cent(base * RATES[category] / 100)
            breakdown.append(f"{category}:{RATES[category]}:{base:.2f}:{tax:.2f}")
            net, vat = net + base, vat + tax
    relay = network.relays[code][0]
    opted_in = relay["email_opt_in_on"] and relay["email"] and day_of(relay["email_opt_in_on"]) <= today
    return Registered(
        relay_code=code,
        net=net,
        vat=vat,
        gross=net + vat,
        vat_breakdown="|".join(breakdown),
        delivery="email" if opted_in else "paper",
        lines=tuple(sorted(lines)),
    )


def lines_of(network: Network, *, code: str, period: str) -> list[Line] | None:
    """All lines of a relay; None where a service has no set in force or a day no regime: they cannot be worked out."""
    if any(category_on(network, code, day) == "" for day in billed_days(network, code)):
        return None
    lines = adjustment_lines(network, code)
    for service in services_of(network, code):
        bands = bands_of(network, code=code, service=service, period=period)
        if bands:
            lines += service_lines(network, code=code, service=service, bands=bands)
        elif sums_by_day(network, code, service):
            return None
    return lines


def register(folder: Path, period: str, today: dt.date) -> tuple[list[Registered], list[Held]]:
    """The month's register and its held relays, both sorted by relay_code.

    folder: holds relays.csv, mandates.csv, tariffs.csv, activity.csv, adjustments.csv. period: "2026-10".
    today: the issue date. All mandates of the file count as approved (paper ones, taken over on the command line).
    """
    network = read(folder, period=period)
    rows: list[Registered] = []
    held: list[Held] = []
    for code in sorted(network.quantities.keys() | network.adjustments.keys()):
        lines = lines_of(network, code=code, period=period)
        if lines == []:
            continue
        uncovered = first_uncovered(network, code, today)
        if uncovered:
            held.append(Held(relay_code=code, reason="no_mandate", first_uncovered=uncovered))
        elif not identity_is_complete(network, code):
            held.append(Held(relay_code=code, reason="incomplete_identity"))
        elif lines is None:
            held.append(Held(relay_code=code, reason="unknown_tariff"))
        else:
            row = registered(network, code=code, today=today, lines=lines)
            if min(row.net, row.gross) < 0:
                held.append(Held(relay_code=code, reason="negative_total"))
            else:
                rows.append(row)
    return rows, held
