"""A relay claims the copy of an invoice that it did not receive, as its mandate says that it does."""

from django.db import transaction
from django.utils.translation import gettext as _

from relays.models import Person, Relay, Request
from selfbilling import journal
from selfbilling.errors import Refused


class AlreadyClaimed(Refused):
    """The same request waits for an answer."""

    def __init__(self, number: str) -> None:
        super().__init__(_("You already told us that invoice %(number)s did not arrive: we are looking into it.") % {"number": number})


@transaction.atomic
def claim(*, relay_id: int, number: str, text: str, by: Person) -> Request:
    """Tell the desk that an invoice did not arrive. number: the invoice's; text may be empty. Raises AlreadyClaimed."""
    relay = Relay.objects.select_for_update().get(pk=relay_id)
    kind = Request.Kind.NOT_RECEIVED
    if Request.objects.filter(relay=relay, kind=kind, about=number, answered_at=None).exists():
        raise AlreadyClaimed(number)
    made = Request.objects.create(relay=relay, kind=kind, about=number, text=text.strip(), by=by)
    journal.record(act="claimed a copy", subject=f"relay:{relay.code}", by=by, request=made.pk, about=number)
    return made
