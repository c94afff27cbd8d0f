"""The desk answers what a relay asked."""

import logging

from django.conf import settings
from django.db import transaction
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from relays import letters
from relays.letters import MailServerAway
from relays.models import Person, Request
from selfbilling import journal
from selfbilling.errors import Refused

_log = logging.getLogger(__name__)


class AlreadyAnswered(Refused):
    """Somebody answered before."""

    def __init__(self, request: Request) -> None:
        who = request.answered_by.get_full_name() if request.answered_by else ""
        super().__init__(_("This request was answered before, by %(who)s: your answer was not sent.") % {"who": who})


@transaction.atomic
def answer(*, request_id: int, by: Person, text: str) -> Request:
    """Answer a request; whoever asked reads it in the portal. Raises AlreadyAnswered."""
    request = Request.objects.select_for_update(of=("self",)).select_related("relay", "by", "answered_by").get(pk=request_id)
    if request.answered_at is not None:
        raise AlreadyAnswered(request)
    request.answer, request.answered_by, request.answered_at = text.strip(), by, timezone.now()
    request.save(update_fields=["answer", "answered_by", "answered_at"])
    journal.record(
        act="answered a request", subject=f"relay:{request.relay.code}", by=by, request=request.pk, before=None, after=request.answer
    )
    return request


def tell(request: Request) -> bool:
    """Send the answer to whoever asked, in French, after the act; whether the letter was sent (the portal shows it anyway)."""
    url = settings.SITE_URL + reverse("relay:requests", args=[request.relay.code])
    with translation.override(settings.LANGUAGE_CODE):
        try:
            letters.send("request_answered", to=request.by.email, said={"request": request, "url": url})
        except MailServerAway:
            _log.warning("The answer to request %s was not sent: the mail server does not answer", request.pk, exc_info=True)
            return False
    return True
