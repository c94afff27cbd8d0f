"""A person holds a relay's month (anomaly), or lets it go; `bill` and `issue` look."""

import datetime as dt

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from invoices.models import Hold
from invoices.period import Period
from relays.models import Person, Relay
from selfbilling import journal
from selfbilling.errors import Refused


class HeldAlready(Refused):
    """The relay's month is held."""


@transaction.atomic
def hold(*, relay: Relay, month: dt.date, why: str, by: Person) -> Hold:
    """Hold a relay's month. month: its first day. Raises HeldAlready."""
    try:
        with transaction.atomic():
            held = Hold.objects.create(relay=relay, period=month, why=why, by=by)
    except IntegrityError as error:
        said = _("%(relay)s is held for %(month)s already: let it go first to give another reason")
        raise HeldAlready(said % {"relay": relay, "month": Period(month)}) from error
    journal.record(act="held", subject=f"relay:{relay}", by=by, period=str(Period(month)), why=why)
    return held


@transaction.atomic
def let_go(held: Hold, *, by: Person) -> None:
    """Let a relay's month go: the next `bill` drafts it."""
    journal.record(act="let go", subject=f"relay:{held.relay}", by=by, period=str(Period(held.period)))
    held.delete()
