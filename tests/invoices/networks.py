"""Networks that nobody would think of, as the operator's five files (docs/files.md), for property tests."""

import csv
import datetime as dt
from pathlib import Path
from typing import Any

from hypothesis import strategies as st

from invoices.demonstration import identifiers

Row = dict[str, Any]
Files = dict[str, list[Row]]

COLUMNS = {
    "relays": "relay_code,legal_name,trade_name,legal_form,siret,vat_number,vat_regime,vat_from,address_line1,address_line2,"
    "postcode,city,country,email,phone,iban,email_opt_in_on",
    "mandates": "relay_code,text_version,signed_on,valid_from,valid_to,channel",
    "tariffs": "service_code,label,unit_code,from_quantity,unit_price,valid_from,relay_code",
    "activity": "relay_code,day,service_code,quantity",
    "adjustments": "relay_code,day,label,amount",
}
CODES = ["R1", "r1", "R-1", "_1", "10", "R10"]  # sorted by code points, not as a dictionary does
SERVICES = ["LIV", "dep", "Été"]
PRICES = ["0", "0.0001", "0.0050", "0.1250", "0,3850", "1", "2.5"]
NOV_2 = dt.date(2026, 11, 2)
WHOLE_DAYS: list[tuple[str, str]] = [("2025-12-01", "")]

october = st.integers(1, 31).map(lambda day: dt.date(2026, 10, day))
around_october = st.one_of(*[october] * 9, st.sampled_from([dt.date(2026, 9, 30), dt.date(2026, 11, 1)]))


def mostly(usual: Any, *others: Any) -> st.SearchStrategy[Any]:
    """Usually that value, now and then another."""
    return st.sampled_from([*[usual] * (9 * len(others)), *others])


def optional_date(day: dt.date | None) -> str:
    return day.isoformat() if day else ""


@st.composite
def mandates(draw: st.DrawFn) -> list[tuple[str, str]]:
    """(valid_from, valid_to) that never overlap: mostly one for all days; else with ends, gaps, neighbours."""
    if draw(st.integers(0, 3)):
        return WHOLE_DAYS
    cuts = sorted(draw(st.sets(st.one_of(october, st.sampled_from([dt.date(2025, 12, 1), NOV_2])), max_size=6)))
    ranges = [(first.isoformat(), last.isoformat()) for first, last in zip(cuts[::2], cuts[1::2], strict=False)]
    return [*ranges, (cuts[-1].isoformat(), "")] if len(cuts) % 2 else ranges


@st.composite
def relay_rows(draw: st.DrawFn, *, code: str, rank: int) -> list[Row]:
    """One relay: a row for each day from which it has another regime; now and then something is missing."""
    siren = identifiers.siren(rank=rank, seed=7)
    email = draw(mostly("relais@example.org", ""))
    identity = {
        "relay_code": code,
        "legal_name": "Müller & Fils « Aux œufs »",
        "legal_form": draw(st.sampled_from(["EI", "SARL"])),
        "siret": identifiers.siret(siren=siren, shop=1),
        "address_line1": "1 rue du Port",
        "postcode": "29200",
        "city": "Brest",
        "country": "FR",
        "email": email,
        "email_opt_in_on": draw(st.sampled_from(["2026-03-01", "2026-11-02", "2026-11-03", ""])) if email else "",
        "iban": draw(mostly(identifiers.iban(rank=rank), "")),
    }
    identity |= {draw(mostly("trade_name", "legal_name", "legal_form", "address_line1", "postcode", "city")): ""}
    one, other = draw(st.permutations(["standard", "franchise"]))
    histories = [["2025-01-01"], ["2025-01-01", "2026-10-16"], ["2025-01-01", "2026-10-08", "2026-10-20"], ["2026-10-05"]]
    rows = []
    for start, regime in zip(draw(st.sampled_from(histories)), [one, other, one], strict=False):
        usual = identifiers.vat_number(siren) if regime == "standard" else ""
        unusual = "" if usual else identifiers.vat_number(siren)
        rows.append({**identity, "vat_from": start, "vat_regime": regime, "vat_number": draw(mostly(usual, unusual))})
    return rows


@st.composite
def tariff_rows(draw: st.DrawFn, *, codes: list[str]) -> list[Row]:
    """For each service its sets: the network's, some relays' own, older and newer ones."""
    rows = []
    for service in SERVICES:
        network = [("", "2025-06-01")] if draw(mostly(True, False)) else []
        others = st.tuples(st.sampled_from(["", *codes]), st.sampled_from(["2026-02-01", "2026-10-01", "2026-11-01"]))
        for owner, valid_from in [*network, *draw(st.lists(others, max_size=3, unique=True))]:
            starts = [0, *sorted(draw(st.sets(st.integers(1, 60), max_size=3)))]
            rows += [
                {
                    "service_code": service,
                    "label": f"{service} dès {start}" if draw(st.booleans()) else service,
                    "unit_code": "C62",
                    "from_quantity": start,
                    "unit_price": draw(st.sampled_from(PRICES)),
                    "valid_from": valid_from,
                    "relay_code": owner,
                }
                for start in starts
            ]
    return rows


@st.composite
def activity_rows(draw: st.DrawFn, *, code: str, services: list[str]) -> list[Row]:
    """Counts and corrections; some correct a whole day, some give back more than was done."""
    counts = st.tuples(around_october, st.sampled_from(services), st.integers(1, 50), st.sampled_from(["", "", "", "", "same", "back"]))
    rows = []
    for day, service, quantity, correction in draw(st.lists(counts, min_size=2, max_size=9, unique_by=lambda each: each[:2])):
        row = {"relay_code": code, "day": day.isoformat(), "service_code": service, "quantity": quantity}
        if correction != "back":
            rows.append(row)
        if correction:
            rows.append({**row, "quantity": -quantity})
    return rows


@st.composite
def adjustment_rows(draw: st.DrawFn, *, code: str) -> list[Row]:
    """Bonuses and deductions, mostly small."""
    cents = st.one_of(st.integers(-5, 5), st.integers(-1000, 6000)).filter(bool)
    keys = st.lists(st.tuples(around_october, st.sampled_from(["Prime", "Malus"])), max_size=2, unique=True)
    return [{"relay_code": code, "day": day.isoformat(), "label": label, "amount": f"{draw(cents) / 100:.2f}"} for day, label in draw(keys)]


@st.composite
def networks(draw: st.DrawFn) -> Files:
    """The five files of two to five relays, all of whose rows are good."""
    codes = draw(st.lists(st.sampled_from(CODES), min_size=2, max_size=5, unique=True))
    files: Files = {name: [] for name in COLUMNS}
    files["tariffs"] = draw(tariff_rows(codes=codes))
    services = sorted({row["service_code"] for row in files["tariffs"]})
    for rank, code in enumerate(codes):
        files["relays"] += draw(relay_rows(code=code, rank=rank))
        files["mandates"] += [
            {
                "relay_code": code,
                "text_version": "2025-1",
                "signed_on": "2025-11-15",
                "valid_from": first,
                "valid_to": last,
                "channel": "paper",
            }
            for first, last in draw(mandates())
        ]
        files["activity"] += draw(activity_rows(code=code, services=services)) if services else []
        files["adjustments"] += draw(adjustment_rows(code=code))
    return files


def write(files: Files, folder: Path) -> None:
    """Write them by the contract."""
    for name, columns in COLUMNS.items():
        with (folder / f"{name}.csv").open("w", encoding="utf-8", newline="") as file:
            writer = csv.DictWriter(file, columns.split(","), lineterminator="\n", restval="")
            writer.writeheader()
            writer.writerows(files[name])
