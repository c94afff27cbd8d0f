"""How an invoice stands, in the words that its shopkeeper reads: a sentence, and the colour of the dot beside it."""

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum

from django.db.models import DateField, DateTimeField, DecimalField, Exists, OuterRef, QuerySet, Subquery, Sum
from django.db.models.functions import Coalesce
from django.utils.translation import gettext as _

from invoices.disputes.delay import counted_from
from invoices.models import Acceptance, Delivery, Dispute, Document, Invoice, Payment
from invoices.paying import NOTHING
from invoices.period import today
from invoices.templatetags import figures


class Tone(StrEnum):
    """The dot's colour: a class of the stylesheet. Never alone, always beside the sentence."""

    GOOD = "good"
    WAIT = "wait"
    QUIET = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class State:
    """One sentence. tone: of its dot."""

    sentence: str
    tone: Tone = Tone.QUIET


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """An invoice with what its state depends on. paid: EUR; contestable_until: the later of the printed day and the one that
    counts from its handing over (None: the mandate sets no delay); is_sealed: there is a file to download."""

    invoice: Invoice
    paid: Decimal
    paid_on: dt.date | None
    sent_on: dt.date | None
    accepted_on: dt.date | None
    dispute: str | None  # Dispute.State of the latest one
    answer_by: dt.date | None
    contestable_until: dt.date | None
    is_sealed: bool

    @property
    def is_paid(self) -> bool:
        """Whether all of it is paid. What is worth nothing is never paid."""
        return 0 < self.invoice.gross <= self.paid

    @property
    def is_disputed(self) -> bool:
        """Whether a contest of it is not decided yet."""
        return self.dispute in (Dispute.State.OPEN, Dispute.State.ASKED)

    @property
    def waits_for_relay(self) -> bool:
        """Whether we asked the relay something."""
        return self.dispute == Dispute.State.ASKED

    def may_be_contested(self, on: dt.date) -> bool:
        """Whether the delay runs on that day and nothing stands against a contest (as disputes.delay, without a query)."""
        running = self.contestable_until is None or self.sent_on is None or on <= self.contestable_until
        return running and self.accepted_on is None and self.dispute in (None, Dispute.State.REFUSED)

    def state(self, on: dt.date) -> State:
        """How it stands on that day: contested, paid, accepted, contestable, sent or issued, the first that holds."""
        return _disputed(self, on) or _paid(self, on) or _not_paid_yet(self, on)

    def payment(self, on: dt.date) -> State:
        """When it will be, or was, paid."""
        if not self.invoice.gross:
            return State(sentence=_("Nothing to pay"))
        return _paid(self, on) or _to_be_paid(self, on)


def told(invoices: QuerySet[Invoice]) -> Iterator[Told]:
    """Each of these invoices with what its state depends on: one query, whatever their number."""
    payments = Payment.objects.filter(invoice=OuterRef("pk")).order_by()
    sums = payments.values("invoice").annotate(sum=Sum("amount"))
    sent = Delivery.objects.filter(invoice=OuterRef("pk"), state=Delivery.State.SENT).order_by("sent_at")
    dispute = Dispute.objects.filter(invoice=OuterRef("pk")).order_by("-opened_at")
    acceptance = Acceptance.objects.filter(invoice=OuterRef("pk"), fell_with=None)
    found = invoices.annotate(
        accepted_on=Subquery(acceptance.values("accepted_on")[:1], output_field=DateField()),
        paid=Coalesce(Subquery(sums.values("sum")), NOTHING, output_field=DecimalField()),
        paid_on=Subquery(payments.order_by("-paid_on").values("paid_on")[:1], output_field=DateField()),
        sent_at=Subquery(sent.values("sent_at")[:1], output_field=DateTimeField()),
        dispute=Subquery(dispute.values("state")[:1]),
        answer_by=Subquery(dispute.values("answer_by")[:1], output_field=DateField()),
        is_sealed=Exists(Document.objects.filter(invoice=OuterRef("pk"))),
    )
    for invoice in found:
        sent_on = None if invoice.sent_at is None else today(invoice.sent_at)
        yield Told(
            invoice=invoice,
            paid=invoice.paid,
            paid_on=invoice.paid_on,
            sent_on=sent_on,
            accepted_on=invoice.accepted_on,
            dispute=invoice.dispute,
            answer_by=invoice.answer_by,
            contestable_until=counted_from(invoice, handed_over=sent_on),
            is_sealed=invoice.is_sealed,
        )


def _disputed(told: Told, on: dt.date) -> State | None:
    if told.waits_for_relay:
        return State(sentence=_("Contested: we wait for your reply"), tone=Tone.WAIT)
    if told.dispute == Dispute.State.GRANTED:
        return State(sentence=_("Contested: you are right, it is to be corrected"), tone=Tone.WAIT)
    if told.dispute == Dispute.State.OPEN and told.answer_by is not None:
        if on > told.answer_by:
            return State(sentence=_("Contested: you should have had our answer by %(day)s") % _said(told.answer_by, on), tone=Tone.WAIT)
        return State(sentence=_("Contested: we answer by %(day)s") % _said(told.answer_by, on), tone=Tone.WAIT)
    return None


def _paid(told: Told, on: dt.date) -> State | None:
    if told.paid_on is None:
        return None
    if told.is_paid:
        return State(sentence=_("Paid on %(day)s") % _said(told.paid_on, on), tone=Tone.GOOD)
    amounts = {"paid": figures.amount(told.paid), "gross": figures.amount(told.invoice.gross)}
    return State(sentence=_("Paid in part: %(paid)s of %(gross)s") % amounts, tone=Tone.WAIT)


def _not_paid_yet(told: Told, on: dt.date) -> State:
    if told.accepted_on is not None:
        return State(sentence=_("Accepted on %(day)s") % _said(told.accepted_on, on), tone=Tone.GOOD)
    until = told.contestable_until
    if until is not None and on <= until and told.may_be_contested(on):
        return State(sentence=_("Contestable until %(day)s") % _said(until, on))
    if until is not None and not told.may_be_contested(on):
        return State(sentence=_("The time to contest ended on %(day)s") % _said(until, on))
    if told.sent_on is not None:
        return State(sentence=_("Sent on %(day)s") % _said(told.sent_on, on))
    return State(sentence=_("Issued on %(day)s") % _said(told.invoice.issue_date, on))


def _to_be_paid(told: Told, on: dt.date) -> State:
    due = told.invoice.due_date
    if on > due:
        return State(sentence=_("Payment planned for %(day)s, not recorded yet") % _said(due, on))
    if told.invoice.seller["iban"]:
        return State(sentence=_("Transfer on %(day)s") % _said(due, on))
    return State(sentence=_("Payment on %(day)s") % _said(due, on))


def _said(day: dt.date, on: dt.date) -> dict[str, str]:
    """A day, with its year where that is not this year's."""
    return {"day": figures.day_of_month(day) if day.year == on.year else figures.day(day)}


def handed_over(delivery: Delivery) -> str:
    """One handing over, in a sentence."""
    at = {"address": delivery.address, "at": figures.moment(delivery.sent_at or delivery.claimed_at)}
    if delivery.channel == Invoice.Channel.PAPER:
        if delivery.state == Delivery.State.SENT:
            return _("Given to print and post on %(day)s.") % {"day": figures.day(delivery.sent_at)}
        return _("On its way to the printer.")
    sentences = {
        Delivery.State.SENT: _("Sent by e-mail to %(address)s on %(at)s."),
        Delivery.State.HANDING_OVER: _("Being sent by e-mail to %(address)s."),
        Delivery.State.REFUSED: _("The e-mail to %(address)s did not arrive: it goes by post."),
        Delivery.State.GIVEN_UP: _("The e-mail to %(address)s had no answer on %(at)s: we sent it again."),
    }
    return sentences[Delivery.State(delivery.state)] % at
