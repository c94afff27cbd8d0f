"""The XML inside the PDF: UN/CEFACT Cross Industry Invoice D16B, Factur-X profile EN 16931, French CTC rules.

Each element stands beside its business term (BT, BG: EN 16931-1) or rule (BR-FR: XP Z12-012), in the schema's order.
The seller is the relay, the buyer the operator, whoever issues it (see kinds.py): what the relay issues itself (384, 381)
names what it corrects, and no self-billing and no mandate.
"""

import datetime as dt
import re
import unicodedata
from decimal import Decimal
from xml.sax.saxutils import escape

from invoices.document.content import Content, Line, Party, Preceding, VatTotal
from invoices.document.kinds import KINDS, Kind
from selfbilling.errors import Refused

_HEAD = (
    '<?xml version="1.0" encoding="UTF-8"?>\n'
    "<rsm:CrossIndustryInvoice"
    ' xmlns:rsm="urn:un:unece:uncefact:data:standard:CrossIndustryInvoice:100"'
    ' xmlns:ram="urn:un:unece:uncefact:data:standard:ReusableAggregateBusinessInformationEntity:100"'
    ' xmlns:udt="urn:un:unece:uncefact:data:standard:UnqualifiedDataType:100"'
    ' xmlns:qdt="urn:un:unece:uncefact:data:standard:QualifiedDataType:100">\n'
)
_SERVICES = "S1"  # BR-FR-08: deposit of an invoice for services
_SEPA_TRANSFER = "58"  # UNTDID 4461
_ON_INVOICE, _ON_PAYMENT = "5", "72"  # UNTDID 2475: VAT is due on the invoice (option for debits), or when it is paid
_FRANCHISE = "VATEX-FR-FRANCHISE"
_ILLEGAL = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")  # XML 1.0 §2.2


class Unwritable(Refused):
    """A text has a character that no XML document may have (XML 1.0 §2.2)."""

    def __init__(self, *, number: str, character: str, before: str) -> None:
        super().__init__(
            f"Invoice {number}: the character U+{ord(character):04X} after {before!r} cannot stand in an electronic invoice: "
            "correct this text where it comes from, then bill again."
        )


def cii(content: Content) -> bytes:
    """The invoice as CII D16B, UTF-8: valid by the EN 16931 schema and by both official schematrons.

    Amounts have two decimals, unit prices four; accents are composed (NFC), as the page has them. Nothing is left out:
    what XML cannot carry raises Unwritable. Source: EN 16931-1, Factur-X 1.0 (profile EN 16931), XP Z12-012 (BR-FR-*).
    """
    kind = KINDS[content.type_code]
    parts = (
        _HEAD,
        _context(),
        _document(content, kind=kind),
        "<rsm:SupplyChainTradeTransaction>\n",
        *(_line(number, line) for number, line in enumerate(content.lines, start=1)),
        _agreement(content, kind=kind),
        _delivery(content),
        _settlement(content, kind=kind),
        "</rsm:SupplyChainTradeTransaction>\n</rsm:CrossIndustryInvoice>\n",
    )
    xml = "".join(parts)
    if illegal := _ILLEGAL.search(xml):
        before = xml[: illegal.start()].rpartition(">")[2]
        raise Unwritable(number=content.number, character=illegal[0], before=before[-60:])
    return xml.encode()


def _context() -> str:
    return (
        "<rsm:ExchangedDocumentContext>"
        "<ram:BusinessProcessSpecifiedDocumentContextParameter>"
        f"<ram:ID>{_SERVICES}</ram:ID>"  # BT-23
        "</ram:BusinessProcessSpecifiedDocumentContextParameter>"
        "<ram:GuidelineSpecifiedDocumentContextParameter>"
        "<ram:ID>urn:cen.eu:en16931:2017</ram:ID>"  # BT-24
        "</ram:GuidelineSpecifiedDocumentContextParameter>"
        "</rsm:ExchangedDocumentContext>\n"
    )


def _document(content: Content, *, kind: Kind) -> str:
    return (
        "<rsm:ExchangedDocument>"
        f"<ram:ID>{_text(content.number)}</ram:ID>"  # BT-1
        f"<ram:TypeCode>{content.type_code}</ram:TypeCode>"  # BT-3
        f"<ram:IssueDateTime>{_day(content.issue_date)}</ram:IssueDateTime>\n"  # BT-2
        f"{_note('BAR', 'B2B')}"  # BR-FR-20: an invoice between businesses; switches the French rules on
        f"{_note('PMT', content.mention('indemnity'))}"  # BR-FR-05: recovery indemnity
        f"{_note('PMD', content.mention('penalties'))}"  # BR-FR-05: late-payment penalties
        f"{_note('AAB', content.mention('discount'))}"  # BR-FR-05: discount terms
        f"{_note('REG', content.mention('self_billing') if kind.self_billed else '')}"  # CGI ann. II art. 242 nonies A I-14°
        f"{_note('REG', content.mention('operation'))}"  # category of operation
        f"{_note('REG', content.mention('vat_on_debits') if content.vat_on_debits else '')}"
        f"{_note('REG', content.mention('vat_liability') if kind.self_billed else '')}"  # a clause of the mandate
        "</rsm:ExchangedDocument>\n"
    )


def _note(subject: str, text: str) -> str:
    if not text:
        return ""
    return (
        "<ram:IncludedNote>"
        f"<ram:Content>{_text(text)}</ram:Content>"  # BT-22
        f"<ram:SubjectCode>{subject}</ram:SubjectCode>"  # BT-21
        "</ram:IncludedNote>\n"
    )


def _line(number: int, line: Line) -> str:
    return (
        "<ram:IncludedSupplyChainTradeLineItem>"
        "<ram:AssociatedDocumentLineDocument>"
        f"<ram:LineID>{number}</ram:LineID>"  # BT-126
        "</ram:AssociatedDocumentLineDocument>"
        "<ram:SpecifiedTradeProduct>"
        f"{_optional('SellerAssignedID', line.service_code)}"  # BT-155
        f"<ram:Name>{_text(line.label)}</ram:Name>"  # BT-153
        "</ram:SpecifiedTradeProduct>"
        "<ram:SpecifiedLineTradeAgreement><ram:NetPriceProductTradePrice>"
        f"<ram:ChargeAmount>{line.unit_price:.4f}</ram:ChargeAmount>"  # BT-146, never negative (BR-27)
        "</ram:NetPriceProductTradePrice></ram:SpecifiedLineTradeAgreement>"
        "<ram:SpecifiedLineTradeDelivery>"
        f'<ram:BilledQuantity unitCode="{_text(line.unit_code)}">{line.quantity}</ram:BilledQuantity>'  # BT-130, BT-129
        "</ram:SpecifiedLineTradeDelivery>"
        "<ram:SpecifiedLineTradeSettlement>"
        "<ram:ApplicableTradeTax><ram:TypeCode>VAT</ram:TypeCode>"
        f"<ram:CategoryCode>{line.category}</ram:CategoryCode>"  # BT-151
        f"<ram:RateApplicablePercent>{line.rate:.2f}</ram:RateApplicablePercent>"  # BT-152
        "</ram:ApplicableTradeTax>"
        f"{_period(line.first_day, line.last_day)}"  # BG-26
        "<ram:SpecifiedTradeSettlementLineMonetarySummation>"
        f"<ram:LineTotalAmount>{_amount(line.net)}</ram:LineTotalAmount>"  # BT-131
        "</ram:SpecifiedTradeSettlementLineMonetarySummation>"
        "</ram:SpecifiedLineTradeSettlement>"
        "</ram:IncludedSupplyChainTradeLineItem>\n"
    )


def _agreement(content: Content, *, kind: Kind) -> str:
    return (
        "<ram:ApplicableHeaderTradeAgreement>\n"
        f"{_seller(content)}"  # BG-4
        f"{_buyer(content.buyer)}"  # BG-7
        f"{_mandate(content) if kind.self_billed else ''}"
        "</ram:ApplicableHeaderTradeAgreement>\n"
    )


def _mandate(content: Content) -> str:
    mandate = f"Mandat {content.mandate_version} du {content.mandate_signed_on:%d/%m/%Y}"
    return (
        "<ram:ContractReferencedDocument>"
        f"<ram:IssuerAssignedID>{_text(mandate)}</ram:IssuerAssignedID>"  # BT-12
        "</ram:ContractReferencedDocument>"
    )


def _seller(content: Content) -> str:
    seller = content.seller
    return (
        "<ram:SellerTradeParty>"
        f"{_optional('ID', content.relay_code)}"  # BT-29, as the buyer knows it
        f'<ram:GlobalID schemeID="0009">{_text(seller.siret)}</ram:GlobalID>'  # BT-29: SIRET (BR-FR-09)
        f"<ram:Name>{_text(seller.official_name)}</ram:Name>"  # BT-27
        f"{_optional('Description', seller.legal_notice)}"  # BT-33
        "<ram:SpecifiedLegalOrganization>"
        f'<ram:ID schemeID="0002">{_text(seller.siren)}</ram:ID>'  # BT-30: SIREN (BR-FR-10)
        f"{_optional('TradingBusinessName', seller.trade_name)}"  # BT-28
        "</ram:SpecifiedLegalOrganization>"
        f"{_address(seller)}"  # BG-5: BT-35 to BT-40
        "<ram:URIUniversalCommunication>"
        f'<ram:URIID schemeID="0225">{_text(seller.siren)}</ram:URIID>'  # BT-34 (BR-FR-22)
        "</ram:URIUniversalCommunication>"
        f"{_tax_number('VA', seller.vat_number) or _tax_number('FC', seller.siren)}"  # BT-31, or else BT-32 (BR-E-02)
        "</ram:SellerTradeParty>\n"
    )


def _buyer(buyer: Party) -> str:
    return (
        "<ram:BuyerTradeParty>"
        f'<ram:GlobalID schemeID="0009">{_text(buyer.siret)}</ram:GlobalID>'  # BT-46: SIRET (BR-FR-09)
        f"<ram:Name>{_text(buyer.official_name)}</ram:Name>"  # BT-44
        "<ram:SpecifiedLegalOrganization>"
        f'<ram:ID schemeID="0002">{_text(buyer.siren)}</ram:ID>'  # BT-47: SIREN (BR-FR-11)
        f"{_optional('TradingBusinessName', buyer.trade_name)}"  # BT-45
        "</ram:SpecifiedLegalOrganization>"
        f"{_address(buyer)}"  # BG-8: BT-50 to BT-55
        "<ram:URIUniversalCommunication>"
        f'<ram:URIID schemeID="0225">{_text(buyer.siren)}</ram:URIID>'  # BT-49 (BR-FR-21)
        "</ram:URIUniversalCommunication>"
        f"{_tax_number('VA', buyer.vat_number)}"  # BT-48
        "</ram:BuyerTradeParty>\n"
    )


def _address(party: Party) -> str:
    return (
        "<ram:PostalTradeAddress>"
        f"{_optional('PostcodeCode', party.postcode)}"  # BT-38, BT-53
        f"{_optional('LineOne', party.address_line1)}"  # BT-35, BT-50
        f"{_optional('LineTwo', party.address_line2)}"  # BT-36, BT-51
        f"{_optional('CityName', party.city)}"  # BT-37, BT-52
        f"<ram:CountryID>{_text(party.country)}</ram:CountryID>"  # BT-40, BT-55
        "</ram:PostalTradeAddress>"
    )


def _tax_number(scheme: str, number: str) -> str:
    if not number:
        return ""
    return f'<ram:SpecifiedTaxRegistration><ram:ID schemeID="{scheme}">{_text(number)}</ram:ID></ram:SpecifiedTaxRegistration>'


def _delivery(content: Content) -> str:
    """BG-13; the days of service themselves are BG-14 and BG-26."""
    return (
        "<ram:ApplicableHeaderTradeDelivery><ram:ActualDeliverySupplyChainEvent>"
        f"<ram:OccurrenceDateTime>{_day(content.period_last)}</ram:OccurrenceDateTime>"  # BT-72: the service is complete
        "</ram:ActualDeliverySupplyChainEvent></ram:ApplicableHeaderTradeDelivery>\n"
    )


def _settlement(content: Content, *, kind: Kind) -> str:
    return (
        "<ram:ApplicableHeaderTradeSettlement>"
        f"<ram:PaymentReference>{_text(content.number)}</ram:PaymentReference>"  # BT-83
        f"<ram:InvoiceCurrencyCode>{content.currency}</ram:InvoiceCurrencyCode>\n"  # BT-5
        f"{_transfer(content.seller) if not kind.credits else ''}"  # BG-16
        f"{''.join(_vat(total, content=content) for total in content.vat_totals)}"  # BG-23
        f"{_period(content.period_first, content.period_last)}\n"  # BG-14
        "<ram:SpecifiedTradePaymentTerms>"
        f"<ram:DueDateDateTime>{_day(content.due_date)}</ram:DueDateDateTime>"  # BT-9
        "</ram:SpecifiedTradePaymentTerms>\n"
        "<ram:SpecifiedTradeSettlementHeaderMonetarySummation>"  # BG-22
        f"<ram:LineTotalAmount>{_amount(content.net)}</ram:LineTotalAmount>"  # BT-106
        f"<ram:TaxBasisTotalAmount>{_amount(content.net)}</ram:TaxBasisTotalAmount>"  # BT-109
        f'<ram:TaxTotalAmount currencyID="{content.currency}">{_amount(content.vat)}</ram:TaxTotalAmount>'  # BT-110
        f"<ram:GrandTotalAmount>{_amount(content.gross)}</ram:GrandTotalAmount>"  # BT-112
        f"<ram:DuePayableAmount>{_amount(content.gross)}</ram:DuePayableAmount>"  # BT-115
        "</ram:SpecifiedTradeSettlementHeaderMonetarySummation>"
        f"{''.join(_preceding(earlier) for earlier in content.corrects)}"  # BG-3
        "</ram:ApplicableHeaderTradeSettlement>\n"
    )


def _preceding(earlier: Preceding) -> str:
    return (
        "<ram:InvoiceReferencedDocument>"
        f"<ram:IssuerAssignedID>{_text(earlier.number)}</ram:IssuerAssignedID>"  # BT-25
        "<ram:FormattedIssueDateTime>"
        f'<qdt:DateTimeString format="102">{earlier.issue_date:%Y%m%d}</qdt:DateTimeString>'  # BT-26
        "</ram:FormattedIssueDateTime>"
        "</ram:InvoiceReferencedDocument>"
    )


def _transfer(seller: Party) -> str:
    """Credit transfer to the seller's account; nothing where the relay gave no IBAN (BR-50 asks for one)."""
    if not seller.iban:
        return ""
    return (
        "<ram:SpecifiedTradeSettlementPaymentMeans>"
        f"<ram:TypeCode>{_SEPA_TRANSFER}</ram:TypeCode>"  # BT-81
        "<ram:PayeePartyCreditorFinancialAccount>"
        f"<ram:IBANID>{_text(seller.iban)}</ram:IBANID>"  # BT-84
        f"<ram:AccountName>{_text(seller.official_name)}</ram:AccountName>"  # BT-85
        "</ram:PayeePartyCreditorFinancialAccount>"
        "</ram:SpecifiedTradeSettlementPaymentMeans>\n"
    )


def _vat(total: VatTotal, *, content: Content) -> str:
    exempt = total.category == "E"
    due = _ON_INVOICE if content.vat_on_debits else _ON_PAYMENT
    return (
        "<ram:ApplicableTradeTax>"
        f"<ram:CalculatedAmount>{_amount(total.vat)}</ram:CalculatedAmount>"  # BT-117
        "<ram:TypeCode>VAT</ram:TypeCode>"
        f"{_optional('ExemptionReason', content.mention('franchise') if exempt else '')}"  # BT-120
        f"<ram:BasisAmount>{_amount(total.base)}</ram:BasisAmount>"  # BT-116
        f"<ram:CategoryCode>{total.category}</ram:CategoryCode>"  # BT-118
        f"{_optional('ExemptionReasonCode', _FRANCHISE if exempt else '')}"  # BT-121
        f"{_optional('DueDateTypeCode', '' if exempt else due)}"  # BT-8
        f"<ram:RateApplicablePercent>{total.rate:.2f}</ram:RateApplicablePercent>"  # BT-119
        "</ram:ApplicableTradeTax>\n"
    )


def _period(first: dt.date, last: dt.date) -> str:
    return (
        "<ram:BillingSpecifiedPeriod>"
        f"<ram:StartDateTime>{_day(first)}</ram:StartDateTime>"  # BT-73, BT-134
        f"<ram:EndDateTime>{_day(last)}</ram:EndDateTime>"  # BT-74, BT-135
        "</ram:BillingSpecifiedPeriod>"
    )


def _day(day: dt.date) -> str:
    return f'<udt:DateTimeString format="102">{day:%Y%m%d}</udt:DateTimeString>'


def _amount(amount: Decimal) -> str:
    return f"{amount + 0:.2f}"  # + 0: no minus before a zero


def _optional(name: str, text: str) -> str:
    """The element, or nothing where there is no text: EN 16931 allows no empty element."""
    return f"<ram:{name}>{_text(text)}</ram:{name}>" if text else ""


def _text(text: str) -> str:
    """Text as XML carries it, also between double quotes, its accents composed; a mark that comes first leaves the tag alone."""
    return escape(unicodedata.normalize("NFC", text), {'"': "&quot;"})
