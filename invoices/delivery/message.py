"""An invoice's rows → the e-mail that hands it over, with the sealed file attached byte for byte."""

import datetime as dt
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.template.loader import render_to_string
from django.utils import timezone

from invoices.disputes.delay import counted_from
from invoices.models import Document, Invoice
from invoices.period import Period, today
from invoices.sealing.levels import Level
from selfbilling import words

_POLICY = SMTP.clone(cte_type="7bit", max_line_length=76)  # what every server takes (RFC 2045 §6.7 and §6.8: lines of 76)


def compose(invoice: Invoice, *, document: Document, pdf: bytes, message_id: str, at: dt.datetime) -> bytes:
    """The whole message, lines ended by CRLF. pdf: the archived bytes. at: when it is handed over, an aware instant."""
    said = _said(invoice, document, on=today(at))
    message = EmailMessage(policy=_POLICY)
    message["From"] = _address(settings.MAIL_FROM, name=invoice.buyer["name"])
    message["To"] = _address(invoice.email)
    message["Reply-To"] = _address(invoice.buyer["email"])
    message["Subject"] = render_to_string("emails/invoice.subject", said).strip()
    message["Date"] = timezone.localtime(at)
    message["Message-ID"] = message_id
    message["Auto-Submitted"] = "auto-generated"  # RFC 3834: no absence notice in return
    message["Content-Language"] = "fr"
    message.set_content(render_to_string("emails/invoice.txt", said))
    message.add_alternative(render_to_string("emails/invoice.html", said), subtype="html")
    message.add_attachment(pdf, maintype="application", subtype="pdf", filename=f"{invoice.number}.pdf")
    return message.as_bytes()


def message_id(invoice: Invoice, *, attempt: int) -> str:
    """The same for the same attempt, so that a message handed over is known again."""
    return f"<{invoice.number}.{attempt}@{urlsplit(settings.SITE_URL).hostname}>"


def ascii_address(address: str) -> str:
    """The address as it is written on the envelope, its domain in ASCII (RFC 5890). Raises UnicodeError if it has no such form."""
    user, _, domain = address.rpartition("@")
    user.encode("ascii")
    return f"{user}@{domain.encode('idna').decode()}"


def _said(invoice: Invoice, document: Document, *, on: dt.date) -> dict[str, Any]:
    """What the templates say, in words."""
    period = Period(invoice.period)
    month = words.span(period.first, period.last)
    amount, due_day = words.euros(invoice.gross), words.day(invoice.due_date)
    name_of_month, day_and_month = month.partition(words.FIXED)[0].capitalize(), due_day.rpartition(words.FIXED)[0]
    until = counted_from(invoice, handed_over=on)
    return {
        "headline": f"{name_of_month} : {amount} versés le {day_and_month}" if invoice.gross else f"{name_of_month} : rien à verser",
        "number": invoice.number,
        "url": f"{settings.SITE_URL}/factures/{invoice.number}/",
        "month": month,
        "gross": invoice.gross,
        "amount": amount,
        "due_day": due_day,
        "iban_end": invoice.seller["iban"][-4:],
        "contest_day": words.day(until) if until else "",
        "mandate_day": words.day(invoice.mandate_signed_on),
        "operator": invoice.buyer["name"],
        "phone": invoice.buyer["phone"],
        "support": " · ".join(part for part in (invoice.buyer["email"], invoice.buyer["phone"]) if part),
        "test": document.level == Level.TEST,
    }


def _address(address: str, *, name: str = "") -> Address:
    user, _, domain = ascii_address(address).rpartition("@")
    return Address(display_name=name, username=user, domain=domain)
