"""What a relay says of an invoice: accepted, or contested, with the exchange that follows (242 nonies I)."""

from typing import ClassVar

import pgtrigger
from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from invoices.models.delivery import Delivery
from invoices.models.invoice import Invoice, InvoiceLine
from selfbilling.triggers import final, never_truncated


class Acceptance(models.Model):
    """An invoice is accepted: tacitly, once the delay is past without a contest, or by the relay's own act.

    Silence on what never arrived accepts nothing: a tacit one falls with the e-mail that turns out to have come back.
    """

    invoice = models.ForeignKey(Invoice, verbose_name=_("invoice"), on_delete=models.PROTECT, related_name="acceptances")
    accepted_on = models.DateField(_("accepted on"), help_text=_("the first day after the delay, or the day of the act"))
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("by whom"),
        null=True,
        on_delete=models.PROTECT,
        related_name="+",
        help_text=_("empty: tacit"),
    )
    at = models.DateTimeField(_("recorded on"), auto_now_add=True)
    fell_with = models.ForeignKey(
        Delivery,
        verbose_name=_("fell with"),
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="+",
        help_text=_("the e-mail that came back, so that the delay had not run; empty: it stands"),
    )

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["invoice"], condition=Q(fell_with=None), name="one_acceptance_of_an_invoice_stands"),
            models.CheckConstraint(condition=Q(fell_with=None) | Q(by=None), name="only_silence_falls"),
        ]
        triggers: ClassVar = [
            pgtrigger.Trigger(
                name="acceptance_only_falls",
                when=pgtrigger.Before,
                operation=pgtrigger.Update | pgtrigger.Delete,
                func="""
                    IF TG_OP = 'UPDATE' AND OLD.fell_with_id IS NULL AND NEW.fell_with_id IS NOT NULL
                        AND (NEW.id, NEW.invoice_id, NEW.accepted_on, NEW.by_id, NEW.at)
                            IS NOT DISTINCT FROM (OLD.id, OLD.invoice_id, OLD.accepted_on, OLD.by_id, OLD.at)
                    THEN RETURN NEW; END IF;
                    RAISE EXCEPTION 'an acceptance is final: it falls once with an e-mail that came back, and changes in nothing else';
                """,
            ),
            never_truncated("acceptance"),
        ]

    def __str__(self) -> str:
        return str(self.invoice_id)


class Dispute(models.Model):
    """A contest of one invoice: which line, which quantity the relay holds to be right, why. It never edits the invoice."""

    class State(models.TextChoices):
        OPEN = "open", _("to answer")
        ASKED = "asked", _("waits for the relay")
        GRANTED = "granted", _("the relay is right: it issues the corrective invoice")
        REFUSED = "refused", _("refused, with reasons")

    invoice = models.ForeignKey(Invoice, verbose_name=_("invoice"), on_delete=models.PROTECT, related_name="disputes")
    line = models.ForeignKey(
        InvoiceLine,
        verbose_name=_("line"),
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="+",
        help_text=_("empty: the whole invoice"),
    )
    claimed_quantity = models.BigIntegerField(
        _("claimed quantity"), null=True, blank=True, help_text=_("units that the relay holds to be right")
    )
    opened_by = models.ForeignKey(settings.AUTH_USER_MODEL, verbose_name=_("opened by"), on_delete=models.PROTECT, related_name="+")
    opened_at = models.DateTimeField(_("opened on"), auto_now_add=True)
    answer_by = models.DateField(_("to answer by"), help_text=_("the day by which the desk answers"))
    state = models.CharField(_("state"), max_length=7, choices=State.choices, default=State.OPEN)
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name=_("decided by"), null=True, on_delete=models.PROTECT, related_name="+"
    )
    decided_at = models.DateTimeField(_("decided on"), null=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["invoice"], condition=Q(state__in=["open", "asked"]), name="one_dispute_of_an_invoice_at_a_time"
            ),
            models.CheckConstraint(
                condition=~Q(state__in=["granted", "refused"]) | (~Q(decided_by=None) & ~Q(decided_at=None)),
                name="a_decided_dispute_has_its_person",
            ),
        ]
        indexes: ClassVar = [models.Index(fields=["answer_by"], condition=Q(state="open"), name="disputes_to_answer")]

    def __str__(self) -> str:
        return f"{self.invoice_id} {self.state}"


class DisputeMessage(models.Model):
    """One message of the exchange, from the relay or from the desk; never changed."""

    dispute = models.ForeignKey(Dispute, verbose_name=_("dispute"), on_delete=models.PROTECT, related_name="messages")
    by = models.ForeignKey(settings.AUTH_USER_MODEL, verbose_name=_("by whom"), on_delete=models.PROTECT, related_name="+")
    from_desk = models.BooleanField(_("from the desk"))
    text = models.TextField(_("text"), max_length=4000)
    at = models.DateTimeField(_("when"), auto_now_add=True)

    class Meta:
        ordering: ClassVar = ["at", "pk"]
        triggers: ClassVar = final("dispute_message")

    def __str__(self) -> str:
        return f"{self.dispute_id} {self.at}"


class DisputeFile(models.Model):
    """A file that came with a message: PDF, JPEG or PNG, told by its content, 10 MB at most."""

    message = models.OneToOneField(DisputeMessage, verbose_name=_("message"), on_delete=models.PROTECT, related_name="file")
    name = models.CharField(_("name"), max_length=120)
    content_type = models.CharField(_("type"), max_length=20)
    size = models.PositiveIntegerField(_("file size"), help_text=_("bytes"))
    sha256 = models.CharField(_("SHA-256"), max_length=64)
    data = models.BinaryField(_("content"))

    class Meta:
        triggers: ClassVar = final("dispute_file")

    def __str__(self) -> str:
        return self.name
