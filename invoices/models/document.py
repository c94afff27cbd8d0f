"""The sealed bytes of an invoice, what waits to be shelved, and what is still to do."""

from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from invoices.models.invoice import Invoice
from selfbilling.triggers import final


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
    retained_until = models.DateField(_("kept until"), help_text=_("last day of retention: ten years (C. com. L123-22)"))

    class Meta:
        verbose_name = _("sealed file")
        verbose_name_plural = _("sealed files")
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["invoice"], condition=models.Q(renews=None), name="an_invoice_is_sealed_once")
        ]
        triggers: ClassVar = final("document")

    def __str__(self) -> str:
        return self.sha256


class Unshelved(models.Model):
    """Sealed bytes that the archive does not have yet, so that any machine can shelve them."""

    document = models.OneToOneField(
        Document, verbose_name=_("sealed file"), primary_key=True, on_delete=models.PROTECT, related_name="unshelved"
    )
    data = models.BinaryField(_("content"))

    class Meta:
        verbose_name_plural = "unshelved"

    def __str__(self) -> str:
        return str(self.document_id)


class Due(models.Model):
    """What is still to do for an invoice: the queue, the live page, the retry. Deleted by the deed that did it."""

    class Step(models.TextChoices):
        SEAL = "seal", _("seal")
        SHELVE = "shelve", _("shelve")
        DELIVER = "deliver", _("deliver")

    invoice = models.ForeignKey(Invoice, verbose_name=_("invoice"), on_delete=models.PROTECT, related_name="due")
    step = models.CharField(_("step"), max_length=7, choices=Step.choices)
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
    last_error = models.TextField(_("last error"), blank=True)

    class Meta:
        verbose_name = _("step to do")
        verbose_name_plural = _("steps to do")
        constraints: ClassVar = [models.UniqueConstraint(fields=["invoice", "step"], name="a_step_is_due_once")]
        indexes: ClassVar = [models.Index(fields=["step", "invoice"], name="due_by_step")]

    def __str__(self) -> str:
        return f"{self.invoice} {self.get_step_display()}"
