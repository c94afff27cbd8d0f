"""The XML says what the content says, in the terms of EN 16931, and both referees find nothing, not even a warning."""

from collections.abc import Callable
from dataclasses import replace

import pytest
from lxml import etree

from invoices.document.content import Content
from invoices.document.facturx import Unwritable, cii
from invoices.document.rules import refusals
from invoices.document.schematron import failures, xsd_failures
from tests.invoices.contents import GROCER, OPERATOR, SAMPLES, content, franchise, line, mixed, negative, nothing_to_pay, standard

NAMES = {
    "rsm": "urn:un:unece:uncefact:data:standard:CrossIndustryInvoice:100",
    "ram": "urn:un:unece:uncefact:data:standard:ReusableAggregateBusinessInformationEntity:100",
    "udt": "urn:un:unece:uncefact:data:standard:UnqualifiedDataType:100",
    "qdt": "urn:un:unece:uncefact:data:standard:QualifiedDataType:100",
}


def read(invoice: Content, path: str) -> list[str]:
    """The texts (or attributes) at that XPath."""
    found = etree.fromstring(cii(invoice)).xpath(path, namespaces=NAMES)
    assert isinstance(found, list)
    return [str(one.text if isinstance(one, etree._Element) else one) for one in found]


@pytest.mark.parametrize("make", SAMPLES.values(), ids=SAMPLES.keys())
def test_schema_and_schematrons_find_nothing(make: Callable[[], Content]) -> None:
    xml = cii(make())
    assert xsd_failures(xml) == []
    assert failures(xml) == []


def test_it_is_a_self_billed_invoice_for_services_between_businesses() -> None:
    assert read(standard(), "rsm:ExchangedDocument/ram:TypeCode") == ["389"]
    assert read(standard(), "//ram:BusinessProcessSpecifiedDocumentContextParameter/ram:ID") == ["S1"]
    assert read(standard(), "//ram:GuidelineSpecifiedDocumentContextParameter/ram:ID") == ["urn:cen.eu:en16931:2017"]
    assert read(standard(), "//ram:IncludedNote[ram:SubjectCode='BAR']/ram:Content") == ["B2B"]


def test_the_relay_sells_and_the_operator_buys() -> None:
    assert read(standard(), "//ram:SellerTradeParty/ram:Name") == [GROCER.name]
    assert read(standard(), "//ram:BuyerTradeParty/ram:Name") == [OPERATOR.name]
    assert read(standard(), "//ram:SellerTradeParty//ram:URIID[@schemeID='0225']") == [GROCER.siren]
    assert read(standard(), "//ram:BuyerTradeParty//ram:URIID[@schemeID='0225']") == [OPERATOR.siren]
    assert read(standard(), "//ram:SellerTradeParty//ram:ID[@schemeID='VA']") == [GROCER.vat_number]


def test_the_prefixes_are_the_customary_ones() -> None:
    assert etree.fromstring(cii(standard())).nsmap == NAMES


def test_every_mention_in_force_is_a_note() -> None:
    notes = read(mixed(), "//ram:IncludedNote/ram:Content")
    for code in ("self_billing", "operation", "penalties", "indemnity", "discount", "vat_liability", "vat_on_debits"):
        assert mixed().mention(code) in notes
    assert standard().mention("vat_on_debits") not in read(standard(), "//ram:IncludedNote/ram:Content")


def test_a_franchise_is_exempt_by_its_own_code_and_names_its_siren_for_want_of_a_vat_number() -> None:
    invoice = franchise()
    assert read(invoice, "//ram:SellerTradeParty//ram:ID[@schemeID='FC']") == [invoice.seller.siren]
    assert read(invoice, "//ram:SellerTradeParty//ram:ID[@schemeID='VA']") == []
    assert read(invoice, "//ram:ExemptionReasonCode") == ["VATEX-FR-FRANCHISE"]
    assert read(invoice, "//ram:ExemptionReason") == [invoice.mention("franchise")]
    assert set(read(invoice, "//ram:CategoryCode")) == {"E"}


def test_a_sole_trader_is_named_as_one() -> None:
    assert read(franchise(), "//ram:SellerTradeParty/ram:Name") == ["Yağmur N’Guyen-Wałęsa, EI"]


@pytest.mark.parametrize(("on_debits", "code"), [(True, "5"), (False, "72")])
def test_when_vat_is_due(on_debits: bool, code: str) -> None:
    invoice = replace(standard(), vat_on_debits=on_debits)
    assert read(invoice, "//ram:DueDateTypeCode") == [code]


def test_what_is_given_back_is_a_negative_quantity_at_a_positive_price() -> None:
    assert read(negative(), "//ram:BilledQuantity") == ["620", "-5", "-1"]
    assert read(negative(), "//ram:NetPriceProductTradePrice/ram:ChargeAmount") == ["0.3850", "0.0250", "15.0000"]
    assert read(negative(), "//ram:SpecifiedTradeSettlementLineMonetarySummation/ram:LineTotalAmount") == ["238.70", "-0.13", "-15.00"]


def test_no_minus_before_nothing() -> None:
    invoice = content([line(quantity=-3, price="0.0000")])
    assert b"-0.00" not in cii(invoice)
    assert failures(cii(invoice)) == []


def test_it_is_paid_by_transfer_to_the_relay_on_the_due_date() -> None:
    assert read(standard(), "//ram:IBANID") == [GROCER.iban]
    assert read(standard(), "//ram:DueDateDateTime/udt:DateTimeString") == ["20261202"]
    assert read(nothing_to_pay(), "//ram:DuePayableAmount") == ["0.00"]


def test_a_relay_without_iban_is_billed_all_the_same() -> None:
    xml = cii(replace(standard(), seller=replace(GROCER, iban="")))
    assert b"PaymentMeans" not in xml
    assert failures(xml) == []


def test_the_days_of_service() -> None:
    assert read(mixed(), "//ram:BillingSpecifiedPeriod/ram:StartDateTime/udt:DateTimeString") == [
        "20261001", "20261015", "20261015", "20261001",
    ]  # fmt: skip


NAMES_AS_TYPED = {
    "markup": "A & B <C> \"D\" 'E' ]]> &amp; <!-- -->",
    "sixty letters": "Société d’exploitation du Grand Bazar de l’Hôtel de Ville SNC",
    "beyond the basic plane": "Boulangerie 🥖 𝔘",
    "right to left": "مخبز النور \u202eabc\u202c בית",
    "a mark that comes first": "\u0338 barré",
}


@pytest.mark.parametrize("name", NAMES_AS_TYPED.values(), ids=NAMES_AS_TYPED.keys())
def test_a_name_comes_back_as_it_was_typed_everywhere(name: str) -> None:
    party = replace(GROCER, name=name, trade_name=name, address_line1=name, address_line2=name, city=name, rcs_city=name)
    invoice = replace(content([line(name, quantity=1, price="1.0000", service=name)], seller=party), relay_code=name)
    everywhere = ("Name", "AccountName", "TradingBusinessName", "LineOne", "LineTwo", "CityName", "ID", "SellerAssignedID")
    for element in everywhere:
        assert name in read(invoice, f"//ram:{element}"), element
    assert xsd_failures(cii(invoice)) == []
    assert failures(cii(invoice)) == []


def test_accents_are_composed_as_on_the_page() -> None:
    assert read(replace(standard(), seller=replace(GROCER, name="E\u0301picerie")), "//ram:SellerTradeParty/ram:Name") == ["Épicerie"]


@pytest.mark.parametrize("character", ["\x00", "\x07", "\x0b", "\x1f", "\ud800", "\ufffe", "\uffff"])
def test_what_xml_cannot_carry_is_refused_and_said_where(character: str) -> None:
    invoice = replace(standard(), seller=replace(GROCER, city=f"Chev{character}reuse"))
    with pytest.raises(Unwritable, match=f"R0042-2026-00011: the character U\\+{ord(character):04X} after 'Chev'"):
        cii(invoice)


def test_such_a_draft_is_held_and_the_others_are_judged() -> None:
    bad = replace(standard(), lines=(replace(standard().lines[0], label="Colis\x07"), *standard().lines[1:]))
    first, second = refusals([bad, standard()])
    assert "U+0007 after 'Colis'" in first
    assert second == ""
