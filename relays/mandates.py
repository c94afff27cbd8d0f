"""Which approved mandate covers which day (CGI art. 289 I-2: express, written, prior)."""

import datetime as dt
from collections.abc import Collection, Iterable, Sequence

from relays.models import Mandate


def approved(relay_ids: Collection[int]) -> dict[int, list[Mandate]]:
    """The approved mandates of each relay with their texts, by relay id, in order of their first day."""
    mandates: dict[int, list[Mandate]] = {}
    for mandate in (
        Mandate.objects.filter(relay_id__in=relay_ids, state=Mandate.State.APPROVED)
        .select_related("text")
        .order_by("relay_id", "valid_from")
    ):
        mandates.setdefault(mandate.relay_id, []).append(mandate)
    return mandates


def covering(day: dt.date, mandates: Iterable[Mandate]) -> Mandate | None:
    """The mandate among these that is valid on that day; its last day counts."""
    return next((m for m in mandates if m.valid_from <= day and (m.valid_to is None or day <= m.valid_to)), None)


def first_uncovered(days: Iterable[dt.date], mandates: Sequence[Mandate]) -> dt.date | None:
    """The first of these days (in their order) that none of the mandates covers."""
    return next((day for day in days if covering(day, mandates) is None), None)
