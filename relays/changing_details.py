"""A relay reports a change in its identification, as its mandate says that it does. The desk checks, then the operator's files change."""

import datetime as dt
from collections.abc import Sequence

from django.db import transaction
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from relays.models import Person, Relay, Request
from selfbilling import journal
from selfbilling.errors import Refused

WHAT = {
    "address": gettext_lazy("the address"),
    "email": gettext_lazy("the e-mail address"),
    "phone": gettext_lazy("the phone number"),
    "iban": gettext_lazy("the bank account (IBAN)"),
    "name": gettext_lazy("the name or the legal form"),
    "siret": gettext_lazy("the SIRET"),
    "vat": gettext_lazy("the VAT"),
    "other": gettext_lazy("something else"),
}
"""What may change, as Request.about keeps it, separated by commas."""


class AlreadySaid(Refused):
    """The very same words wait for an answer."""

    def __init__(self) -> None:
        super().__init__(_("You already sent us this change: we are looking into it."))


@transaction.atomic
def report(*, relay_id: int, what: Sequence[str], since: dt.date, text: str, by: Person) -> Request:
    """Tell the desk what changed and from which day. what: keys of WHAT. Changes nothing by itself. Raises AlreadySaid."""
    relay = Relay.objects.select_for_update().get(pk=relay_id)
    about = ",".join(key for key in WHAT if key in what)
    words = _("From %(day)s:") % {"day": date_format(since, "j F Y")} + f"\n{text.strip()}"
    if Request.objects.filter(relay=relay, kind=Request.Kind.DETAILS_CHANGED, about=about, text=words, answered_at=None).exists():
        raise AlreadySaid
    made = Request.objects.create(relay=relay, kind=Request.Kind.DETAILS_CHANGED, about=about, text=words, by=by)
    journal.record(act="reported a change", subject=f"relay:{relay.code}", by=by, request=made.pk, about=about, since=str(since))
    return made


def named(about: str) -> list[str]:
    """What changed, in words."""
    return [str(WHAT[key]) for key in about.split(",") if key in WHAT]
