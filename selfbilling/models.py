"""This floor's only table: the journal."""

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from selfbilling.triggers import final


class JournalEntry(models.Model):
    """One act that matters: who, what, on what, when, through which door; inserted once, never touched."""

    act = models.CharField(_("act"), max_length=60)
    subject = models.CharField(_("subject"), max_length=120, help_text=_("kind:key, for example invoice:R0042-2026-00011"))
    by = models.ForeignKey(settings.AUTH_USER_MODEL, verbose_name=_("by whom"), null=True, on_delete=models.PROTECT, related_name="+")
    through = models.CharField(_("door"), max_length=120, help_text=_("the door: command line and the system's user, admin, portal"))
    address = models.GenericIPAddressField(_("network address"), null=True, help_text=_("from where, for an act on the network"))
    at = models.DateTimeField(_("when"), auto_now_add=True, db_index=True)
    detail = models.JSONField(_("detail"), default=dict)

    class Meta:
        verbose_name = _("journal entry")
        verbose_name_plural = _("journal entries")
        indexes: ClassVar = [models.Index(fields=["subject", "at"], name="journal_by_subject")]
        triggers: ClassVar = final("journal_entry")

    def __str__(self) -> str:
        return f"{gettext(self.act)} {self.subject}"
