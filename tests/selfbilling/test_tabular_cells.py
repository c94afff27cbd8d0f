"""One cell: what is taken, and what never is."""

import datetime as dt
import unicodedata
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from selfbilling.tabular.cells import BadCell, Parse, clean, day, day_or_nothing, decimal, filled_text, one_of, text, whole

price = decimal(places=4, below=10**8)
count = whole(least=-1_000, most=1_000)


def refused(parse: Parse[object], cell: str) -> str:
    with pytest.raises(BadCell) as bad:
        parse(cell)
    assert bad.value.remedy
    return bad.value.reason


@given(st.decimals(min_value=-99_999_999, max_value=99_999_999, places=4), st.sampled_from(".,"))
def test_a_number_is_read_with_a_point_or_a_comma(number: Decimal, mark: str) -> None:
    assert price(f"{number:f}".replace(".", mark)) == number


@given(st.text(max_size=12))
def test_a_number_is_ascii_digits_or_nothing(cell: str) -> None:
    try:
        price(cell)
    except BadCell:
        return
    assert set(cell.strip()) <= set("0123456789+-.,")
    assert len([c for c in cell if c in ".,"]) <= 1


@pytest.mark.parametrize(
    "cell", ["1 234.5", "1.234,5", "1,234.50", "1e3", "NaN", "inf", "1_0", "１０", "٣", "--1", "0.12345", "5.", ".5", "€5", "", "−5"]
)
def test_what_is_no_number(cell: str) -> None:
    refused(price, cell)


def test_a_number_is_within_what_the_database_holds() -> None:
    assert refused(price, "100000000") == "is not under 100000000"
    assert "from -1000 to 1000" in refused(count, "1001")
    assert refused(count, "9" * 5_000) == "is too large"  # int() itself would raise


@pytest.mark.parametrize(
    "cell", ["1.5", "1,0", "1e3", "1_0", "１", "", "a", "0x10", "1 000", "\N{NARROW NO-BREAK SPACE}1\N{NARROW NO-BREAK SPACE}0"]
)
def test_what_is_no_whole_number(cell: str) -> None:
    refused(count, cell)


@given(st.integers(-1_000, 1_000))
def test_a_whole_number_is_read(number: int) -> None:
    assert count(f" {number} ") == number


@given(st.dates())
def test_a_day_is_read_in_both_forms(date: dt.date) -> None:
    year, month, in_month = f"{date.year:04}", f"{date.month:02}", f"{date.day:02}"
    assert day(f"{year}-{month}-{in_month}") == day(f"{in_month}/{month}/{year}") == date


@pytest.mark.parametrize(
    "cell",
    [
        "2026-1-01",
        "26-01-01",
        "2026/01/01",
        "1/01/2026",
        "01-01-2026",
        "2026-02-29",
        "31/06/2026",
        "2026-13-01",
        "2026-01-01T00:00",
        "0000-01-01",
        "２０２６-01-01",
        "",
    ],
)
def test_what_is_no_day(cell: str) -> None:
    refused(day, cell)


def test_an_empty_day_is_none_where_it_may_be() -> None:
    assert day_or_nothing(" ") is None
    assert day_or_nothing("31/10/2026") == dt.date(2026, 10, 31)


def test_a_text_is_trimmed_and_on_one_line() -> None:
    assert clean("  Bâtiment B \r\n Escalier\t2 ") == "Bâtiment B Escalier 2"


def test_accents_are_composed_so_that_equal_texts_are_equal() -> None:
    assert text(longest=4)(unicodedata.normalize("NFD", "Noël")) == "Noël"


@pytest.mark.parametrize("character", ["\x00", "\x01", "\x1f", "\x7f", "\x85", "\x9c", "\ufffe", "\uffff"])
def test_a_control_character_is_refused_wherever_it_stands(character: str) -> None:
    for cell in (f"a{character}b", f"{character}b", f"a{character}"):
        assert refused(text(longest=10), cell) == f"has a control character (U+{ord(character):04X})"


def test_a_text_has_its_longest() -> None:
    assert text(longest=3)("Œuv") == "Œuv"
    assert refused(text(longest=3), "Œuvr") == "has 4 characters, 3 is the most"
    assert refused(filled_text(longest=3), " \N{NO-BREAK SPACE}") == "is empty"


def test_a_word_is_one_of_those_that_are_known() -> None:
    assert one_of("yes", "no", "")(" ") == ""
    assert refused(one_of("standard", "franchise"), "Standard") == "is not known"
    assert refused(one_of("standard", "franchise"), "") == "is empty"
