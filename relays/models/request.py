"""What a relay asks of the desk: "I did not receive it", "my details changed" (clauses of the mandate)."""

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q

from relays.models.relay import Relay


class Request(models.Model):
    """A request waits until somebody at the desk has dealt with it."""

    class Kind(models.TextChoices):
        NOT_RECEIVED = "not_received", "I did not receive it"
        DETAILS_CHANGED = "details_changed", "my details changed"

    relay = models.ForeignKey(Relay, on_delete=models.PROTECT, related_name="requests")
    kind = models.CharField(max_length=15, choices=Kind.choices)
    about = models.CharField(max_length=60, blank=True, help_text="the invoice's number or the month, for a copy that did not arrive")
    text = models.TextField(max_length=2000)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField(auto_now_add=True)
    answer = models.TextField(max_length=2000, blank=True)
    answered_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    answered_at = models.DateTimeField(null=True)

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(condition=Q(answered_at=None) | ~Q(answered_by=None), name="an_answered_request_has_its_person")
        ]
        indexes: ClassVar = [models.Index(fields=["at"], condition=Q(answered_at=None), name="requests_to_answer")]

    def __str__(self) -> str:
        return f"{self.relay_id} {self.kind}"
