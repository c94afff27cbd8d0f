"""Deliveries, to look at; and the decision on an e-mail whose answer never came."""

from collections.abc import Callable
from typing import Any

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from invoices.delivery import unanswered
from invoices.models import Delivery
from selfbilling.errors import Refused
from selfbilling.looking import LookOnly


@admin.register(Delivery)
class DeliveryAdmin(LookOnly):
    """Deliveries. Members of billing and support decide on an unanswered one."""

    list_display = ("invoice", "channel", "attempt", "state", "address", "claimed_at", "sent_at", "answer")
    list_filter = ("state", "channel", "invoice__period")
    list_select_related = ("invoice",)
    search_fields = ("invoice__number", "address", "message_id")
    actions = ("was_sent", "send_again")

    def has_decide_permission(self, request: HttpRequest) -> bool:
        """Whether this person decides on unanswered e-mails."""
        person: Any = request.user
        return bool(person.is_superuser or person.groups.filter(name__in=("billing", "support")).exists())

    @admin.action(description=_("The e-mail was sent (found in the mail server's log)"), permissions=["decide"])
    def was_sent(self, request: HttpRequest, chosen: QuerySet[Delivery]) -> None:
        """Say of each that it arrived."""
        self._each(request, chosen, decide=unanswered.was_sent, done=gettext("%(invoice)s: counts as sent."))

    @admin.action(description=_("Send the e-mail again (it was not sent)"), permissions=["decide"])
    def send_again(self, request: HttpRequest, chosen: QuerySet[Delivery]) -> None:
        """Give each up, so that the next delivering sends another one."""
        self._each(request, chosen, decide=unanswered.send_again, done=gettext("%(invoice)s: goes out again with the next delivering."))

    def _each(self, request: HttpRequest, chosen: QuerySet[Delivery], *, decide: Callable[..., None], done: str) -> None:
        for delivery in chosen:
            try:
                decide(delivery_id=delivery.pk, by=request.user)
            except Refused as refused:
                self.message_user(request, str(refused), messages.ERROR)
            else:
                self.message_user(request, done % {"invoice": delivery.invoice}, messages.SUCCESS)
