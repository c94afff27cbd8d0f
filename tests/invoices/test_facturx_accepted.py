"""Whatever the relay's VAT regime, whoever issues and whatever was done: the schema and both schematrons find nothing."""

from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal

import pytest
from lxml import etree

from invoices.document.content import Content, Line, Party
from invoices.document.facturx import cii
from invoices.document.kinds import KINDS
from invoices.document.schematron import failures, xsd_failures
from tests.invoices.contents import COBBLER, FRANCHISE, GROCER, STANDARD, content, corrective, credit, line, standard
from tests.invoices.planting import NAMES

Treatment = tuple[str, Decimal]
REGIMES: dict[str, tuple[Party, tuple[Treatment, ...], bool]] = {
    "standard": (GROCER, (STANDARD,), False),
    "debits": (GROCER, (STANDARD,), True),
    "franchise without number": (COBBLER, (FRANCHISE,), False),
    "franchise with number": (replace(COBBLER, vat_number="FR25993841311"), (FRANCHISE,), False),
    "franchise left in the month": (GROCER, (FRANCHISE, STANDARD), False),
}
TYPES: dict[str, Callable[[Content], Content]] = {"389": lambda of: of, "384": corrective, "381": credit}
SHAPES: dict[str, Callable[[Treatment], list[Line]]] = {
    "one line": lambda t: [line(quantity=87, price="0.3850", treatment=t)],
    "many lines": lambda t: [line(quantity=n * 7, price=f"0.{n:02}50", treatment=t) for n in range(1, 41)],
    "negative line": lambda t: [line(quantity=87, price="0.3850", treatment=t), line("Malus", quantity=-1, price="3.1500", treatment=t)],
    "zero total": lambda t: [line(quantity=40, price="0.3750", treatment=t), line("Malus", quantity=-1, price="15.0000", treatment=t)],
}


def made(regime: str, type_code: str, shape: str) -> Content:
    seller, treatments, on_debits = REGIMES[regime]
    lines = [one for treatment in treatments for one in SHAPES[shape](treatment)]
    return TYPES[type_code](replace(content(lines, seller=seller), vat_on_debits=on_debits))


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("type_code", TYPES)
@pytest.mark.parametrize("regime", REGIMES)
def test_nothing_is_found(regime: str, type_code: str, shape: str) -> None:
    xml = cii(made(regime, type_code, shape))
    assert xsd_failures(xml) == []
    assert failures(xml) == []


def read(invoice: Content, path: str) -> list[str]:
    """The texts at that XPath."""
    found = etree.fromstring(cii(invoice)).xpath(path, namespaces=NAMES)
    assert isinstance(found, list)
    return [str(one.text) for one in found if isinstance(one, etree._Element)]


@pytest.mark.parametrize("type_code", TYPES)
def test_a_platform_finds_whom_it_goes_to(type_code: str) -> None:
    """The relay where the buyer issues (BT-34, BR-FR-22), the buyer where the relay does (BT-49, BR-FR-21)."""
    invoice = TYPES[type_code](standard())
    party = "Seller" if type_code == "389" else "Buyer"
    (address,) = read(invoice, f"//ram:{party}TradeParty/ram:URIUniversalCommunication/ram:URIID[@schemeID='0225']")
    assert address.startswith(KINDS[type_code].recipient(invoice).siren)


@pytest.mark.parametrize("type_code", ["384", "381"])
def test_what_the_relay_issues_is_not_self_billed_and_under_no_mandate(type_code: str) -> None:
    invoice = TYPES[type_code](standard())
    assert read(invoice, "rsm:ExchangedDocument/ram:TypeCode") == [type_code]
    notes = read(invoice, "//ram:IncludedNote/ram:Content")
    assert not [note for note in notes if "utofacturation" in note or "pour le compte" in note]
    assert read(invoice, "//ram:ContractReferencedDocument") == []
    assert "B2B" in notes
    for code in ("operation", "penalties", "indemnity", "discount"):
        assert invoice.mention(code) in notes


def test_what_is_given_back_asks_for_no_transfer_to_the_relay() -> None:
    assert read(corrective(standard()), "//ram:IBANID") == [GROCER.iban]
    assert read(credit(standard()), "//ram:IBANID") == []


def test_what_the_relay_issues_names_what_it_corrects_with_its_day() -> None:
    document = "//ram:ApplicableHeaderTradeSettlement/ram:InvoiceReferencedDocument"
    assert read(corrective(standard()), f"{document}/ram:IssuerAssignedID") == ["R0042-2026-00011"]
    assert read(corrective(standard()), f"{document}//qdt:DateTimeString") == ["20261102"]
    assert read(credit(standard()), f"{document}/ram:IssuerAssignedID") == ["R0042-2026-00009", "R0042-2026-00010"]
    assert read(credit(standard()), f"{document}//qdt:DateTimeString") == ["20260902", "20261002"]
    assert read(standard(), document) == []
