"""Amounts, days and months as templates say them."""

import datetime as dt
from decimal import Decimal

import pytest
from django.template import engines
from django.utils import translation

THIN, FIXED = "\u202f", "\u00a0"
LATE = dt.datetime(2026, 10, 31, 23, 30, tzinfo=dt.UTC)  # 1 November, 00:30, in Paris


def said(how: str, value: object, *, language: str = "fr") -> str:
    template = engines["django"].from_string("{% load figures %}{{ value|" + how + "|safe }}")
    with translation.override(language):
        return template.render({"value": value})


@pytest.mark.parametrize(
    ("how", "value", "french", "english"),
    [
        ("amount", Decimal("1234.56"), f"1{THIN}234,56{THIN}€", "€1,234.56"),
        ("amount", Decimal("-0.13"), f"−0,13{THIN}€", "−€0.13"),
        ("amount", Decimal("-0.00"), f"0,00{THIN}€", "€0.00"),
        ("price", Decimal("0.3850"), f"0,385{THIN}€", "€0.385"),
        ("price", Decimal("1234.0000"), f"1{THIN}234,00{THIN}€", "€1,234.00"),
        ("percent", Decimal("20.00"), f"20{THIN}%", "20%"),
        ("percent", Decimal("5.50"), f"5,5{THIN}%", "5.5%"),
        ("count", 14212, f"14{THIN}212", "14,212"),
        ("count", -3, "−3", "−3"),
        ("day", dt.date(2026, 11, 2), f"2{FIXED}novembre{FIXED}2026", f"2{FIXED}November{FIXED}2026"),
        ("day", dt.date(2026, 11, 1), f"1er{FIXED}novembre{FIXED}2026", f"1{FIXED}November{FIXED}2026"),
        ("day", LATE, f"1er{FIXED}novembre{FIXED}2026", f"1{FIXED}November{FIXED}2026"),
        ("day_of_month", dt.date(2026, 11, 2), f"2{FIXED}novembre", f"2{FIXED}November"),
        ("month", dt.date(2026, 10, 31), f"octobre{FIXED}2026", f"October{FIXED}2026"),
        ("month_name", dt.date(2026, 8, 1), "août", "August"),
        ("moment", LATE, f"1er{FIXED}novembre{FIXED}2026 à 0{FIXED}h{FIXED}30", f"1{FIXED}November{FIXED}2026 at 00:30"),
        ("listed", ["a", "b", "c"], "a, b et c", "a, b and c"),
        ("listed", ["a"], "a", "a"),
    ],
)
def test_figures_are_said_in_the_page_s_language(how: str, value: object, french: str, english: str) -> None:
    assert said(how, value) == french
    assert said(how, value, language="en") == english


def test_units_have_a_name_where_they_are_more_than_pieces() -> None:
    assert said("units:'C62'", 1120) == f"1{THIN}120"
    assert said("units:'HUR'", 3) == f"3{FIXED}h"
    assert said("units:'C62'", 1120, language="en") == "1,120"
    assert said("units:'KGM'", 3, language="en") == "3 kg"


@pytest.mark.parametrize("how", ["amount", "price", "percent", "count", "day", "day_of_month", "month", "month_name", "moment"])
def test_nothing_is_said_of_what_is_not_known(how: str) -> None:
    assert said(how, None) == ""
