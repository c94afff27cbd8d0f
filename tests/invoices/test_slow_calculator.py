"""The slow calculator itself: it gets the sample's register, and answers worked out by hand."""

import csv
import datetime as dt
from collections.abc import Sequence
from decimal import Decimal
from pathlib import Path

import pytest

from tests.invoices import slow_calculator
from tests.invoices.slow_calculator import Held, Registered

SAMPLE = Path(__file__).parent.parent / "sample"
TODAY = dt.date(2026, 11, 2)
LIV = ("LIV,Remis,C62,0,0.40,2026-01-01,", "LIV,Remis,C62,10,0.30,2026-01-01,", "LIV,Remis,C62,20,0.20,2026-01-01,")
STANDARD = "FR20688455401,standard,2025-01-01"
FRANCHISE = ",franchise,2025-01-01"


def rated(
    folder: Path,
    *,
    activity: Sequence[str] = (),
    adjustments: Sequence[str] = (),
    tariffs: Sequence[str] = LIV,
    regimes: Sequence[str] = (STANDARD,),
    mandates: Sequence[str] = ("2025-12-01,",),
    city: str = "Brest",
    email: str = "r1@example.org",
    opt_in_on: str = "2026-11-02",
) -> Registered | Held | None:
    """What becomes of one relay, R1, in October 2026: invoiced, held, or nothing."""
    address = f"1 rue du Port,,29200,{city},FR,{email},,,{opt_in_on}"
    files = {
        "relays": (
            "relay_code,legal_name,trade_name,legal_form,siret,vat_number,vat_regime,vat_from,address_line1,"
            "address_line2,postcode,city,country,email,phone,iban,email_opt_in_on",
            *(f"R1,Noël,Noël,SNC,68845540100010,{regime},{address}" for regime in regimes),
        ),
        "mandates": (
            "relay_code,text_version,signed_on,valid_from,valid_to,channel",
            *(f"R1,2025-1,2025-11-01,{days},paper" for days in mandates),
        ),
        "tariffs": ("service_code,label,unit_code,from_quantity,unit_price,valid_from,relay_code", *tariffs),
        "activity": ("relay_code,day,service_code,quantity", *(f"R1,2026-10-{row}" for row in activity)),
        "adjustments": ("relay_code,day,label,amount", *(f"R1,2026-10-{row}" for row in adjustments)),
    }
    for name, lines in files.items():
        (folder / f"{name}.csv").write_text("\n".join(lines) + "\n", encoding="utf-8")
    rows, held = slow_calculator.register(folder, "2026-10", TODAY)
    assert len(rows) + len(held) <= 1
    return rows[0] if rows else held[0] if held else None


def lines(answer: Registered | Held | None) -> list[tuple[int, str, str, str]]:
    """(quantity, unit price, category, net) of an invoice's lines, dearest first."""
    assert isinstance(answer, Registered), answer
    ordered = sorted(answer.lines, key=lambda line: (-line.unit_price, line.category))
    return [(line.quantity, str(line.unit_price), line.category, str(line.net)) for line in ordered]


def reason(answer: Registered | Held | None) -> str:
    """Why the relay is held."""
    assert isinstance(answer, Held), answer
    return answer.reason


def test_it_gets_the_register_of_the_sample() -> None:
    rows, held = slow_calculator.register(SAMPLE, "2026-10", TODAY)
    with (SAMPLE / "expected_register.csv").open(encoding="utf-8", newline="") as file:
        expected = list(csv.DictReader(file))
    assert held == []
    assert [
        {
            "relay_code": row.relay_code,
            "type_code": "389",
            "period": "2026-10",
            "net_total": str(row.net),
            "vat_total": str(row.vat),
            "gross_total": str(row.gross),
            "vat_breakdown": row.vat_breakdown,
            "delivery": row.delivery,
        }
        for row in rows
    ] == expected


def test_units_fill_the_bands_in_day_order(tmp_path: Path) -> None:
    answer = rated(tmp_path, activity=["06,LIV,15", "05,LIV,9"])
    assert lines(answer) == [(10, "0.40", "S", "4.00"), (10, "0.30", "S", "3.00"), (4, "0.20", "S", "0.80")]
    assert isinstance(answer, Registered)
    assert (answer.net, answer.vat, answer.gross) == (Decimal("7.80"), Decimal("1.56"), Decimal("9.36"))
    assert answer.vat_breakdown == "S:20.00:7.80:1.56"


def test_the_count_runs_on_through_a_change_of_regime_and_a_negative_day_is_under_its_own(tmp_path: Path) -> None:
    answer = rated(
        tmp_path,
        activity=["20,LIV,-5", "05,LIV,12"],  # a file has no order
        regimes=[FRANCHISE, "FR20688455401,standard,2026-10-16"],
    )
    # Given back: the 12th and 11th at 0.30, then the 10th, 9th and 8th at 0.40.
    assert lines(answer) == [
        (10, "0.40", "E", "4.00"),
        (-3, "0.40", "S", "-1.20"),
        (2, "0.30", "E", "0.60"),
        (-2, "0.30", "S", "-0.60"),
    ]
    assert isinstance(answer, Registered)
    assert answer.vat_breakdown == "S:20.00:-1.80:-0.36|E:0.00:4.60:0.00"
    assert answer.gross == Decimal("2.44")


def test_the_rows_of_a_day_are_summed_before_they_are_rated(tmp_path: Path) -> None:
    answer = rated(tmp_path, activity=["05,LIV,12", "05,LIV,-4"])
    assert lines(answer) == [(8, "0.40", "S", "3.20")]


def test_below_zero_the_first_price_holds_on_the_way_down_and_up(tmp_path: Path) -> None:
    answer = rated(tmp_path, activity=["05,LIV,-3", "06,LIV,14"])  # eleven in the end: ten of the first band and one
    assert lines(answer) == [(10, "0.40", "S", "4.00"), (1, "0.30", "S", "0.30")]


def test_bands_of_one_price_are_one_line(tmp_path: Path) -> None:
    tariffs = ["LIV,Remis,C62,0,0.40,2026-01-01,", "LIV,Remis,C62,5,0.40,2026-01-01,"]
    assert lines(rated(tmp_path, activity=["05,LIV,9"], tariffs=tariffs)) == [(9, "0.40", "S", "3.60")]


@pytest.mark.parametrize(("quantity", "net"), [(1, "0.13"), (3, "0.38")])
def test_half_a_cent_goes_away_from_zero(tmp_path: Path, quantity: int, net: str) -> None:
    tariffs = ["LIV,Remis,C62,0,0.1250,2026-01-01,"]
    assert lines(rated(tmp_path, activity=[f"05,LIV,{quantity}"], tariffs=tariffs))[0][3] == net
    paid = rated(tmp_path, activity=[f"05,LIV,-{quantity}"], adjustments=["05,Prime,9.00"], tariffs=tariffs)
    assert lines(paid)[1][3] == f"-{net}"


def test_vat_is_rounded_once_on_the_sum(tmp_path: Path) -> None:
    answer = rated(tmp_path, adjustments=["05,Prime,0.02", "06,Prime,0.02", "07,Prime,0.02", "08,Prime,-0.01"])
    assert isinstance(answer, Registered)
    assert len(answer.lines) == 4
    assert answer.vat_breakdown == "S:20.00:0.05:0.01"


def test_no_amount_is_a_negative_zero(tmp_path: Path) -> None:
    answer = rated(
        tmp_path,
        adjustments=["05,Malus,-0.01", "20,Prime,3.00"],
        regimes=["FR20688455401,standard,2025-01-01", "FR20688455401,franchise,2026-10-16"],
    )
    assert isinstance(answer, Registered)
    assert answer.vat_breakdown == "S:20.00:-0.01:0.00|E:0.00:3.00:0.00"


def test_a_newer_set_replaces_the_whole_older_one_and_its_own_goes_before_the_network_s(tmp_path: Path) -> None:
    newer = [*LIV, "LIV,Remis,C62,0,0.50,2026-10-01,", "LIV,Remis,C62,0,9.00,2026-11-01,"]
    assert lines(rated(tmp_path, activity=["05,LIV,30"], tariffs=newer)) == [(30, "0.50", "S", "15.00")]
    own = [*newer, "LIV,Remis,C62,0,0.60,2026-02-01,R1", "LIV,Remis,C62,0,0.70,2026-02-01,R2"]
    assert lines(rated(tmp_path, activity=["05,LIV,30"], tariffs=own)) == [(30, "0.60", "S", "18.00")]
    not_yet = [*newer, "LIV,Remis,C62,0,0.60,2026-11-01,R1"]
    assert lines(rated(tmp_path, activity=["05,LIV,30"], tariffs=not_yet)) == [(30, "0.50", "S", "15.00")]


def test_no_line_left_is_neither_invoiced_nor_held(tmp_path: Path) -> None:
    assert rated(tmp_path, activity=["05,LIV,7", "06,LIV,-7"], mandates=[]) is None
    assert rated(tmp_path, activity=["05,LIV,7", "05,LIV,-7"]) is None
    assert rated(tmp_path) is None


def test_what_was_wholly_corrected_on_its_day_bills_nothing_and_asks_for_nothing(tmp_path: Path) -> None:
    wrong = ["03,LIV,5", "03,LIV,-5", "03,VEL,2", "03,VEL,-2"]
    assert rated(tmp_path, activity=wrong, mandates=[]) is None
    answer = rated(tmp_path, activity=[*wrong, "05,LIV,1"], mandates=["2026-10-05,"], regimes=["FR20688455401,standard,2026-10-05"])
    assert lines(answer) == [(1, "0.40", "S", "0.40")]


def test_without_a_regime_the_lines_cannot_be_worked_out(tmp_path: Path) -> None:
    assert reason(rated(tmp_path, activity=["05,LIV,7", "06,LIV,-7"], regimes=[",franchise,2026-10-20"])) == "incomplete_identity"


def test_bands_of_one_price_have_the_label_of_the_first_one(tmp_path: Path) -> None:
    tariffs = ["LIV,Dès 0,C62,0,0.40,2026-01-01,", "LIV,Dès 5,C62,5,0.30,2026-01-01,", "LIV,Dès 8,C62,8,0.40,2026-01-01,"]
    answer = rated(tmp_path, activity=["05,LIV,9"], tariffs=tariffs)
    assert isinstance(answer, Registered)
    assert [(line.label, line.quantity) for line in answer.lines] == [("Dès 0", 6), ("Dès 5", 3)]


def test_exactly_nothing_is_invoiced_and_a_cent_less_is_held(tmp_path: Path) -> None:
    answer = rated(tmp_path, activity=["05,LIV,10"], adjustments=["05,Malus,-4.00"])
    assert isinstance(answer, Registered)
    assert answer.gross == 0
    assert reason(rated(tmp_path, activity=["05,LIV,10"], adjustments=["05,Malus,-4.01"])) == "negative_total"


def test_a_gross_below_zero_is_held_though_the_net_is_not(tmp_path: Path) -> None:
    answer = rated(
        tmp_path,
        adjustments=["05,Prime,110.00", "20,Malus,-100.00"],
        regimes=[FRANCHISE, "FR20688455401,standard,2026-10-16"],
    )
    assert reason(answer) == "negative_total"


@pytest.mark.parametrize(
    ("email", "opt_in_on", "delivery"),
    [
        ("r1@example.org", "2026-11-02", "email"),  # dated on the issue date
        ("r1@example.org", "2026-11-03", "paper"),
        ("r1@example.org", "", "paper"),
        ("", "2026-11-02", "paper"),
    ],
)
def test_it_is_mailed_only_to_an_address_that_opted_in(tmp_path: Path, email: str, opt_in_on: str, delivery: str) -> None:
    answer = rated(tmp_path, activity=["05,LIV,1"], email=email, opt_in_on=opt_in_on)
    assert isinstance(answer, Registered)
    assert answer.delivery == delivery


@pytest.mark.parametrize(
    ("mandates", "uncovered"),
    [
        (["2025-12-01,2026-10-05"], dt.date(2026, 10, 20)),  # the 5th is its last day, and counts
        (["2025-12-01,2026-10-04"], dt.date(2026, 10, 5)),
        (["2025-12-01,2026-10-31"], TODAY),  # the issue date too has to be covered
        (["2025-12-01,2026-10-06", "2026-10-21,"], dt.date(2026, 10, 20)),
        (["2025-12-01,2026-10-06", "2026-10-20,"], None),
        ([], dt.date(2026, 10, 5)),
    ],
)
def test_every_billed_day_and_the_issue_date_need_a_mandate(tmp_path: Path, mandates: list[str], uncovered: dt.date | None) -> None:
    answer = rated(tmp_path, activity=["05,LIV,1"], adjustments=["20,Prime,1.00"], mandates=mandates)
    if uncovered is None:
        assert isinstance(answer, Registered)
    else:
        assert answer == Held(relay_code="R1", reason="no_mandate", first_uncovered=uncovered)


def test_an_identity_that_an_invoice_needs_is_missing(tmp_path: Path) -> None:
    day = ["05,LIV,1"]
    assert reason(rated(tmp_path, activity=day, city="")) == "incomplete_identity"
    assert reason(rated(tmp_path, activity=day, regimes=[",standard,2025-01-01"])) == "incomplete_identity"
    assert reason(rated(tmp_path, activity=day, regimes=[",franchise,2026-10-06"])) == "incomplete_identity"
    assert isinstance(rated(tmp_path, activity=day, regimes=[",franchise,2026-10-05"]), Registered)


def test_the_first_reason_is_given(tmp_path: Path) -> None:
    unknown = ["05,LIV,1", "05,VEL,1"]
    assert reason(rated(tmp_path, activity=unknown, city="", mandates=[])) == "no_mandate"
    assert reason(rated(tmp_path, activity=unknown, city="")) == "incomplete_identity"
    assert reason(rated(tmp_path, activity=unknown, adjustments=["05,Malus,-9.00"])) == "unknown_tariff"
