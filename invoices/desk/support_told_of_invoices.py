"""The part of a relay's story that is about its invoices: issued, sealed, sent, come back, paid, contested, accepted."""

from collections.abc import Iterator

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from invoices.desk.support_event import Event
from invoices.models import Acceptance, Delivery, Dispute, DisputeMessage, Document, Invoice, Payment
from invoices.sealing.levels import Level
from invoices.templatetags import figures
from relays.models import Relay

_DECISIONS = {
    Dispute.State.GRANTED: gettext_lazy("Contest granted: %(number)s"),
    Dispute.State.REFUSED: gettext_lazy("Contest refused: %(number)s"),
}

LEVELS = {
    Level.TEST: gettext_lazy("test seal, worth nothing before the law"),
    Level.ADVANCED: gettext_lazy("advanced seal"),
    Level.ADVANCED_QUALIFIED_CERTIFICATE: gettext_lazy("advanced seal with a qualified certificate"),
    Level.QUALIFIED: gettext_lazy("qualified seal"),
}


def of_invoices(relay: Relay) -> Iterator[Event]:
    """All of it, in no order. Seven queries."""
    yield from _issued(relay)
    yield from _deliveries(relay)
    yield from _payments(relay)
    yield from _disputes(relay)
    yield from _acceptances(relay)


def _issued(relay: Relay) -> Iterator[Event]:
    for one in Invoice.objects.filter(relay=relay):
        said = {"number": one.number, "month": figures.month(one.period), "amount": figures.amount(one.gross)}
        yield Event(
            at=one.issued_at,
            what=_("Invoice %(number)s issued: %(month)s, %(amount)s") % said,
            links=(
                (_("The invoice"), reverse("admin:invoices_invoice_change", args=[one.pk])),
                (_("Send again"), reverse("desk:send_again", args=[one.number])),
            ),
        )
    for document in Document.objects.filter(invoice__relay=relay).select_related("invoice"):
        said = {"number": document.invoice.number}
        what = _("Sealed: %(number)s") if document.renews_id is None else _("Seal renewed: %(number)s")
        at = document.sealed_at if document.renews_id is None else document.timestamped_at or document.sealed_at
        yield Event(at=at, what=what % said, lines=_seal(document))


def _seal(document: Document) -> tuple[str, ...]:
    """What a seal is, and who says since when."""
    lines = (f"{LEVELS[Level(document.level)]} ({document.pades})",)
    if document.timestamped_at is None:
        return lines
    said = {"at": figures.moment(document.timestamped_at), "by": document.timestamped_by, "ends": figures.day(document.timestamp_ends)}
    return (*lines, _("timestamped on %(at)s by %(by)s, which proves it until %(ends)s") % said)


def _deliveries(relay: Relay) -> Iterator[Event]:
    for one in Delivery.objects.filter(invoice__relay=relay).select_related("invoice", "batch"):
        yield delivery(one)


def delivery(one: Delivery) -> Event:
    """One handing over, in words."""
    said = {"number": one.invoice.number, "address": one.address, "batch": str(one.batch or "")}
    answer = (one.answer,) if one.answer else ()
    if one.channel == Invoice.Channel.PAPER:
        if one.state == Delivery.State.SENT:
            return Event(at=one.sent_at or one.claimed_at, what=_("%(number)s put in the post, batch %(batch)s") % said)
        return Event(at=one.claimed_at, what=_("%(number)s is in paper batch %(batch)s") % said, tone="wait")
    if one.state == Delivery.State.SENT:
        links = ((_("It came back"), reverse("desk:bounce", args=[one.pk])),)
        return Event(at=one.sent_at or one.claimed_at, what=_("%(number)s e-mailed to %(address)s") % said, links=links)
    if one.state == Delivery.State.REFUSED:
        came_back, refused = (
            _("%(number)s e-mailed to %(address)s: it came back"),
            _("%(number)s refused by the mail server of %(address)s"),
        )
        what = refused if one.sent_at is None else came_back
        return Event(at=one.claimed_at, what=what % said, lines=answer, tone="bad")
    if one.state == Delivery.State.GIVEN_UP:
        return Event(at=one.claimed_at, what=_("%(number)s to %(address)s: no answer, sent again") % said, lines=answer)
    return Event(at=one.claimed_at, what=_("%(number)s to %(address)s: being handed over, no answer yet") % said, lines=answer, tone="wait")


def _payments(relay: Relay) -> Iterator[Event]:
    for one in Payment.objects.filter(invoice__relay=relay).select_related("invoice"):
        said = {"number": one.invoice.number, "amount": figures.amount(one.amount)}
        yield Event(at=one.paid_on, what=_("%(amount)s paid of %(number)s") % said, tone="good")


def _disputes(relay: Relay) -> Iterator[Event]:
    first: set[int] = set()
    messages = (
        DisputeMessage.objects.filter(dispute__invoice__relay=relay).select_related("dispute__invoice", "by", "file").defer("file__data")
    )
    for one in messages:
        said = {"number": one.dispute.invoice.number}
        opens = one.dispute_id not in first
        first.add(one.dispute_id)
        what = (
            _("Invoice %(number)s contested")
            if opens
            else _("We wrote about %(number)s")
            if one.from_desk
            else _("The relay wrote about %(number)s")
        )
        lines = (one.text, one.file.name) if hasattr(one, "file") else (one.text,)
        links = ((_("See the exchange"), reverse("desk:dispute", args=[one.dispute_id])),)
        yield Event(at=one.at, what=what % said, lines=lines, by=one.by.get_full_name(), tone="wait" if opens else "", links=links)
    for dispute in Dispute.objects.filter(invoice__relay=relay, decided_at__isnull=False).select_related("invoice", "decided_by"):
        what = str(_DECISIONS[Dispute.State(dispute.state)]) % {"number": dispute.invoice.number}
        at, by = dispute.decided_at, dispute.decided_by
        if at is not None:
            yield Event(at=at, what=what, by=by.get_full_name() if by else "")


def _acceptances(relay: Relay) -> Iterator[Event]:
    for one in Acceptance.objects.filter(invoice__relay=relay).select_related("invoice", "by"):
        said = {"number": one.invoice.number}
        what = _("%(number)s accepted by the relay") if one.by else _("%(number)s accepted: the delay is past")
        lines = (_("It does not stand: the e-mail had come back."),) if one.fell_with_id else ()
        tone = "bad" if one.fell_with_id else "good"
        who = one.by.get_full_name() if one.by else ""
        yield Event(at=one.at if one.by else one.accepted_on, what=what % said, lines=lines, by=who, tone=tone)
