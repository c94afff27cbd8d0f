"""An invoice's rows → Content: the only bridge from rows to document/."""

from collections.abc import Iterable

from django.conf import settings
from django.urls import reverse

from invoices.document.content import Content, Line, Mention, Party, VatTotal
from invoices.models import DraftLine, DraftVat, Invoice, InvoiceLine
from invoices.models import VatTotal as VatTotalRow
from invoices.papers import PLAIN, Paper
from invoices.period import Period


def content(
    invoice: Invoice,
    *,
    lines: Iterable[InvoiceLine | DraftLine],
    vat_totals: Iterable[VatTotalRow | DraftVat],
    test: bool,
    paper: Paper = PLAIN,
) -> Content:
    """Everything that page (on that paper) and XML say of an invoice. lines in order; test: the demo certificate will seal."""
    period, draft, lines = Period(invoice.period), invoice.rank == 0, list(lines)
    return Content(
        number=invoice.number,
        type_code=invoice.type_code,
        issue_date=invoice.issue_date,
        due_date=invoice.due_date,
        period_first=period.first,
        period_last=period.last,
        seller=_seller(invoice),
        buyer=Party(**invoice.buyer),
        lines=tuple(_line(line) for line in lines),
        vat_totals=_vat_totals(vat_totals),
        net=invoice.net,
        vat=invoice.vat,
        gross=invoice.gross,
        vat_on_debits=invoice.seller["vat_on_debits"],
        relay_code=invoice.relay.code,
        mandate_version=invoice.mandate_version,
        mandate_signed_on=invoice.mandate_signed_on,
        contestable_until=invoice.contestable_until,
        mentions=tuple(Mention(code=code, text=text) for code, text in invoice.mentions.items()),
        contest_address=f"{settings.SITE_URL.removeprefix('https://').removeprefix('http://')} ou {invoice.buyer['email']}",
        support=" · ".join(part for part in (invoice.buyer["email"], invoice.buyer["phone"]) if part),
        currency=invoice.currency,
        verify_url="" if draft else verify_url(invoice),
        letterhead=paper.letterhead,
        day_counts=paper.counts_behind(invoice, lines),
        by_post=invoice.channel == Invoice.Channel.PAPER,
        test=test,
        draft=draft,
    )


def verify_url(invoice: Invoice) -> str:
    """The address of the invoice's verification page, with its token: what the QR code says."""
    return settings.SITE_URL + reverse("public:token", args=[invoice.token])


def _seller(invoice: Invoice) -> Party:
    return Party(**{key: value for key, value in invoice.seller.items() if key != "vat_on_debits"})


def _vat_totals(rows: Iterable[VatTotalRow | DraftVat]) -> tuple[VatTotal, ...]:
    """What bears VAT first (docs/files.md, Out)."""
    ordered = sorted(rows, key=lambda t: (t.category != "S", t.category, t.rate))
    return tuple(VatTotal(category=t.category, rate=t.rate, base=t.base, vat=t.vat) for t in ordered)


def _line(line: InvoiceLine | DraftLine) -> Line:
    return Line(
        label=line.label,
        service_code=line.service_code,
        unit_code=line.unit_code,
        quantity=line.quantity,
        unit_price=line.unit_price,
        category=line.category,
        rate=line.rate,
        net=line.net,
        first_day=line.first_day,
        last_day=line.last_day,
    )
