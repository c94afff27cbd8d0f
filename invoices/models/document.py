"""The sealed bytes of an invoice, what waits to be shelved, and what is still to do."""

from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from invoices.models.invoice import Invoice
from selfbilling.triggers import final


class Pades(models.TextChoices):
    """The levels of EN 319 142-1, as invoices/sealing names them."""

    B = "B-B", _("B-B: seal alone")
    T = "B-T", _("B-T: with a timestamp")
    LT = "B-LT", _("B-LT: with all that validates it")
    LTA = "B-LTA", _("B-LTA: the same, timestamped as a whole")


class Document(models.Model):
    """A sealed file: inserted when its seal was verified, never changed; a renewal is another one that names it."""

    invoice = models.ForeignKey(Invoice, verbose_name=_("invoice"), on_delete=models.PROTECT, related_name="documents")
    renews = models.OneToOneField("self", verbose_name=_("renews"), null=True, on_delete=models.PROTECT, related_name="renewed_by")
    sha256 = models.CharField(_("SHA-256"), max_length=64, unique=True)
    size = models.PositiveIntegerField(_("file size"), help_text=_("bytes"))
    level = models.CharField(_("level of the seal"), max_length=40, help_text=_("what the seal truly is"))
    key_home = models.CharField(_("home of the key"), max_length=8, help_text=_("where the key was: software or device"))
    certificate_sha256 = models.CharField(_("certificate"), max_length=64, help_text=_("SHA-256 of the certificate that sealed it"))
    sealed_at = models.DateTimeField(_("sealed on"))
    pades = models.CharField(
        _("PAdES level"),
        max_length=5,
        choices=Pades.choices,
        default=Pades.B,
        db_default=Pades.B,
        help_text=_("as the file truly is, verified before it was kept"),
    )
    timestamped_at = models.DateTimeField(_("timestamped on"), null=True, help_text=_("by the authority's clock; of several, the last one"))
    timestamped_by = models.CharField(
        _("timestamped by"), max_length=200, blank=True, default="", db_default="", help_text=_("the authority's name in its certificate")
    )
    timestamp_ends = models.DateTimeField(
        _("timestamp's proof ends on"), null=True, help_text=_("with the certificates of its authority; to be renewed before")
    )
    retained_until = models.DateField(_("kept until"), help_text=_("last day of retention: ten years (C. com. L123-22)"))

    class Meta:
        verbose_name = _("sealed file")
        verbose_name_plural = _("sealed files")
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["invoice"], condition=models.Q(renews=None), name="an_invoice_is_sealed_once"),
            models.CheckConstraint(
                condition=models.Q(pades=Pades.B, timestamped_at=None, timestamp_ends=None)
                | (~models.Q(pades=Pades.B) & models.Q(timestamped_at__isnull=False, timestamp_ends__isnull=False)),
                name="no_level_above_bb_without_a_timestamp",
            ),
        ]
        triggers: ClassVar = final("document")

    def __str__(self) -> str:
        return self.sha256


class Unshelved(models.Model):
    """Sealed bytes that the archive does not have yet, so that any machine can shelve them.

    Without a document: sealed, but not at the level yet that was asked for (a timestamp is missing). At most one of an invoice.
    """

    invoice = models.OneToOneField(Invoice, verbose_name=_("invoice"), primary_key=True, on_delete=models.PROTECT, related_name="unshelved")
    document = models.OneToOneField(Document, verbose_name=_("sealed file"), null=True, on_delete=models.PROTECT, related_name="unshelved")
    key_home = models.CharField(_("home of the key"), max_length=8, help_text=_("where the key was: software or device"))
    data = models.BinaryField(_("content"))

    class Meta:
        verbose_name_plural = "unshelved"

    def __str__(self) -> str:
        return str(self.invoice_id)


class Due(models.Model):
    """What is still to do for an invoice: the queue, the live page, the retry. Deleted by the deed that did it."""

    class Step(models.TextChoices):
        SEAL = "seal", _("seal")
        TIMESTAMP = "timestamp", _("timestamp")
        SHELVE = "shelve", _("shelve")
        DELIVER = "deliver", _("deliver")
        RENEW = "renew", _("renew the timestamp")

    BEFORE_DELIVERY = (Step.SEAL, Step.TIMESTAMP, Step.SHELVE)
    invoice = models.ForeignKey(Invoice, verbose_name=_("invoice"), on_delete=models.PROTECT, related_name="due")
    step = models.CharField(_("step"), max_length=9, choices=Step.choices)
    channel = models.CharField(
        _("channel"),
        max_length=5,
        choices=Invoice.Channel.choices,
        blank=True,
        help_text=_("of a delivery: as a person decided; empty: as fixed at issue"),
    )
    since = models.DateTimeField(_("since"), auto_now_add=True)
    attempts = models.PositiveIntegerField(_("attempts"), default=0)
    not_before = models.DateTimeField(_("not before"), null=True, blank=True)
    claimed_until = models.DateTimeField(
        _("claimed until"), null=True, blank=True, help_text=_("by a process that asks somebody on the network for it")
    )
    last_error = models.TextField(_("last error"), blank=True)

    class Meta:
        verbose_name = _("step to do")
        verbose_name_plural = _("steps to do")
        constraints: ClassVar = [models.UniqueConstraint(fields=["invoice", "step"], name="a_step_is_due_once")]
        indexes: ClassVar = [models.Index(fields=["step", "invoice"], name="due_by_step")]

    def __str__(self) -> str:
        return f"{self.invoice} {self.get_step_display()}"
