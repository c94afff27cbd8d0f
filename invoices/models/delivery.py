"""How an invoice was handed over: by e-mail, or in a paper batch."""

from typing import ClassVar

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from invoices.models.invoice import Invoice


class PaperBatch(models.Model):
    """One PDF to print and post, with the manifest of its invoices."""

    period = models.DateField(_("month"), help_text=_("the month's first day"))
    number = models.PositiveIntegerField(_("number"), help_text=_("from 1 within the month"))
    claimed_at = models.DateTimeField(_("begun on"), auto_now_add=True)
    written_at = models.DateTimeField(_("written on"), null=True, help_text=_("PDF and manifest lie complete in their folder"))
    sha256 = models.CharField(_("SHA-256"), max_length=64, blank=True, help_text=_("of the PDF"))

    class Meta:
        verbose_name = _("paper batch")
        verbose_name_plural = _("paper batches")
        constraints: ClassVar = [models.UniqueConstraint(fields=["period", "number"], name="one_paper_batch_a_number")]

    def __str__(self) -> str:
        return f"{self.period:%Y-%m}-{self.number:03d}"


class Delivery(models.Model):
    """One handing over. Committed as handing over before it happens, so that it is never repeated blindly."""

    class State(models.TextChoices):
        HANDING_OVER = "handing_over", _("handing over")
        SENT = "sent", _("sent")
        REFUSED = "refused", _("refused")
        GIVEN_UP = "given_up", _("never answered, sent again")

    class Transport(models.TextChoices):
        FILES = "files", _("a file in MAIL_DIR")  # whether it was handed over can be seen afterwards
        SMTP = "smtp", "SMTP"  # it cannot

    invoice = models.ForeignKey(Invoice, verbose_name=_("invoice"), on_delete=models.PROTECT, related_name="deliveries")
    channel = models.CharField(_("channel"), max_length=5, choices=Invoice.Channel.choices)
    attempt = models.PositiveSmallIntegerField(_("attempt"), default=1)
    state = models.CharField(_("state"), max_length=12, choices=State.choices, default=State.HANDING_OVER)
    transport = models.CharField(_("transport"), max_length=5, choices=Transport.choices, blank=True, help_text=_("of an e-mail"))
    address = models.CharField(_("e-mail address"), max_length=254, blank=True)
    message_id = models.CharField(_("Message-ID"), max_length=320, blank=True)
    batch = models.ForeignKey(
        PaperBatch, verbose_name=_("paper batch"), null=True, blank=True, on_delete=models.PROTECT, related_name="deliveries"
    )
    claimed_at = models.DateTimeField(_("begun on"), auto_now_add=True)
    sent_at = models.DateTimeField(_("sent on"), null=True)
    answer = models.CharField(_("answer"), max_length=500, blank=True, help_text=_("what the mail server said"))

    class Meta:
        verbose_name = _("delivery")
        verbose_name_plural = _("deliveries")
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["invoice", "channel", "attempt"], name="an_attempt_is_made_once"),
            models.UniqueConstraint(fields=["invoice"], condition=Q(state="handing_over"), name="one_handing_over_at_a_time"),
            models.UniqueConstraint(fields=["message_id"], condition=~Q(message_id=""), name="one_message_id"),
            models.CheckConstraint(condition=~Q(state="sent") | ~Q(sent_at=None), name="what_is_sent_has_its_time"),
            models.CheckConstraint(
                condition=~Q(channel="email") | ~(Q(address="") | Q(message_id="") | Q(transport="")),
                name="an_e_mail_has_address_message_id_and_transport",
            ),
            models.CheckConstraint(condition=~Q(channel="paper") | ~Q(batch=None), name="a_letter_is_in_a_batch"),
        ]

    def __str__(self) -> str:
        return f"{self.invoice} {self.get_channel_display()} {self.get_state_display()}"
