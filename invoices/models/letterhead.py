"""What the operator puts on its paper, beside what the law wants."""

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from selfbilling.triggers import final


class Letterhead(models.Model):
    """A letterhead from the day on which it was kept: the newest counts, and the older ones say what was printed before."""

    logo = models.BinaryField(_("logo"), blank=True, help_text=_("PNG, flattened on white; none: the operator's name stands alone"))
    colour = models.CharField(_("colour"), max_length=7, blank=True, help_text=_("of titles and rules, like #0b5d4b; empty: black"))
    slogan = models.CharField(_("slogan"), max_length=80, blank=True)
    footer = models.CharField(_("text at the foot"), max_length=400, blank=True)
    daily_annex = models.BooleanField(_("annex with the daily counts"), default=False)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, verbose_name=_("by"), on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField(_("at"), auto_now_add=True)

    class Meta:
        verbose_name = _("letterhead")
        verbose_name_plural = _("letterheads")
        constraints: ClassVar = [
            models.CheckConstraint(condition=models.Q(colour__regex=r"^(#[0-9a-f]{6})?$"), name="a_colour_is_six_hexadecimal_digits")
        ]
        triggers: ClassVar = final("letterhead")

    def __str__(self) -> str:
        return str(self.at)
