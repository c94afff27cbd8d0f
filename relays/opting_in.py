"""E-mail or paper: the relay's own, dated, revocable choice (CGI art. 289 VI; directive 2006/112 art. 232)."""

import datetime as dt
from collections.abc import Collection

from relays.models import OptIn


def opted_in(day: dt.date, relay_ids: Collection[int]) -> set[int]:
    """The relays whose opt-in is dated on or before that day and is not withdrawn."""
    return set(OptIn.objects.filter(relay_id__in=relay_ids, given_on__lte=day, withdrawn_on=None).values_list("relay_id", flat=True))
