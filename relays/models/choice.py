"""The relay's choice of e-mail rather than paper: dated, evidenced, revocable (CGI art. 289 VI)."""

from typing import ClassVar

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from relays.models.relay import Relay


class OptIn(models.Model):
    """Consent to invoices by e-mail from `given_on`, until it is withdrawn."""

    class Source(models.TextChoices):
        TAKEN_OVER = "taken_over", _("taken over from the operator's file")
        PORTAL = "portal", _("the relay's own act in the portal")

    relay = models.ForeignKey(Relay, verbose_name=_("relay"), on_delete=models.PROTECT, related_name="opt_ins")
    given_on = models.DateField(_("given on"))
    withdrawn_on = models.DateField(_("withdrawn on"), null=True, blank=True, help_text=_("paper from this day on"))
    source = models.CharField(_("source"), max_length=10, choices=Source.choices)
    evidence = models.JSONField(_("evidence"), default=dict, help_text=_("for one taken over: the file and its line"))
    recorded_at = models.DateTimeField(_("recorded on"), auto_now_add=True)

    class Meta:
        verbose_name = _("opt-in to e-mail")
        verbose_name_plural = _("opt-ins to e-mail")
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["relay"], condition=Q(withdrawn_on=None), name="one_opt_in_in_force_per_relay"),
        ]

    def __str__(self) -> str:
        return f"{self.relay_id} {self.given_on}"
