"""The sheet of a mandate that was signed on paper, scanned."""

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from relays.models.mandate import Mandate
from selfbilling.triggers import final


class MandateScan(models.Model):
    """A scan of a signed mandate, all its pages in one file: PDF, JPEG or PNG, told by its content, 10 MB at most.

    Never changed: a better one is filed beside it, both are kept, and the newest is shown.
    """

    mandate = models.ForeignKey(Mandate, verbose_name=_("mandate"), on_delete=models.PROTECT, related_name="scans")
    content_type = models.CharField(_("type"), max_length=20)
    size = models.PositiveIntegerField(_("file size"), help_text=_("bytes"))
    sha256 = models.CharField(_("SHA-256"), max_length=64)
    data = models.BinaryField(_("content"))
    filed_by = models.ForeignKey(settings.AUTH_USER_MODEL, verbose_name=_("filed by"), on_delete=models.PROTECT, related_name="+")
    filed_at = models.DateTimeField(_("filed on"), auto_now_add=True)

    class Meta:
        verbose_name = _("scan of a mandate")
        verbose_name_plural = _("scans of mandates")
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["mandate", "sha256"], name="one_scan_of_a_mandate_is_filed_once"),
            models.CheckConstraint(
                condition=Q(content_type__in=["application/pdf", "image/jpeg", "image/png"]), name="a_scan_is_a_pdf_or_a_picture"
            ),
            models.CheckConstraint(condition=Q(size__gt=0, size__lte=10 * 1024 * 1024), name="a_scan_is_of_10_megabytes_at_most"),
        ]
        triggers: ClassVar = final("mandate_scan")

    def __str__(self) -> str:
        return f"{self.mandate_id} {self.sha256[:12]}"

    @property
    def kind(self) -> str:
        """PDF, JPEG or PNG."""
        return self.content_type.rpartition("/")[2].upper()
