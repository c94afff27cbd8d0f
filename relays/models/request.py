"""What a relay asks of the desk: "I did not receive it", "my details changed" (clauses of the mandate)."""

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from relays.models.relay import Relay


class Request(models.Model):
    """A request waits until somebody at the desk has dealt with it."""

    class Kind(models.TextChoices):
        NOT_RECEIVED = "not_received", _("I did not receive it")
        DETAILS_CHANGED = "details_changed", _("my details changed")

    relay = models.ForeignKey(Relay, verbose_name=_("relay"), on_delete=models.PROTECT, related_name="requests")
    kind = models.CharField(_("request"), max_length=15, choices=Kind.choices)
    about = models.CharField(
        _("about"), max_length=60, blank=True, help_text=_("the invoice's number or the month, for a copy that did not arrive")
    )
    text = models.TextField(_("text"), max_length=2000)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, verbose_name=_("by whom"), on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField(_("when"), auto_now_add=True)
    answer = models.TextField(_("answer"), max_length=2000, blank=True)
    answered_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name=_("answered by"), null=True, on_delete=models.PROTECT, related_name="+"
    )
    answered_at = models.DateTimeField(_("answered on"), null=True)

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(condition=Q(answered_at=None) | ~Q(answered_by=None), name="an_answered_request_has_its_person")
        ]
        indexes: ClassVar = [models.Index(fields=["at"], condition=Q(answered_at=None), name="requests_to_answer")]

    def __str__(self) -> str:
        return f"{self.relay_id} {self.kind}"
