"""Letters about contests: to the desk when a relay writes, to the relay when the desk does. In French, whoever caused them.

Each is sent after the act, which stands whatever the mail server says: what was written is on the pages of both.
"""

import logging
from collections.abc import Mapping
from typing import Any

from django.conf import settings
from django.urls import reverse
from django.utils import translation

from invoices.models import Delivery, Dispute
from relays import letters
from relays.letters import MailServerAway
from relays.models import Person, Role

_log = logging.getLogger(__name__)


def desk_of_contest(dispute: Dispute) -> bool:
    """Tell support that an invoice is contested, or that the relay replied; whether the letter was sent."""
    latest = dispute.messages.latest("at", "pk")
    return _send(
        "dispute_opened",
        to=settings.OPERATOR["email"],
        said={
            "dispute": dispute,
            "invoice": dispute.invoice,
            "text": latest.text,
            "is_reply": dispute.messages.count() > 1,
            "url": settings.SITE_URL + reverse("desk:dispute", args=[dispute.pk]),
        },
    )


def relay_of_answer(dispute: Dispute) -> bool:
    """Tell whoever contested what the desk said; whether the letter was sent."""
    return _send(
        "dispute_answered",
        to=dispute.opened_by.email,
        said={
            "dispute": dispute,
            "invoice": dispute.invoice,
            "text": dispute.messages.latest("at", "pk").text,
            "url": settings.SITE_URL + reverse("portal:dispute", args=[dispute.invoice.number]),
        },
    )


def relay_of_bounce(delivery: Delivery) -> int:
    """Tell the relay's owners, at addresses other than the one that does not work, that the invoice comes by post; how many."""
    owners = Person.objects.filter(memberships__relay=delivery.invoice.relay_id, memberships__role=Role.OWNER, is_active=True)
    said = {
        "invoice": delivery.invoice,
        "address": delivery.address,
        "url": settings.SITE_URL + reverse("portal:invoice", args=[delivery.invoice.number]),
    }
    return sum(_send("bounce", to=owner.email, said=said) for owner in owners if owner.email.lower() != delivery.address.lower())


def _send(letter: str, *, to: str, said: Mapping[str, Any]) -> bool:
    with translation.override(settings.LANGUAGE_CODE):
        try:
            letters.send(letter, to=to, said=said)
        except MailServerAway:
            _log.warning("The letter %s to %s was not sent: the mail server does not answer", letter, to, exc_info=True)
            return False
    return True
