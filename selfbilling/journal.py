"""The journal: one row for each act that matters, written in the act's own transaction."""

import getpass
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

from django.db import transaction
from django.utils import timezone

from selfbilling.models import JournalEntry
from selfbilling.rows import copy_rows

_door: ContextVar[tuple[str, str]] = ContextVar("door", default=("system", ""))


def opened(door: str) -> None:
    """Name the door through which this process acts from now on (a command names itself as it starts)."""
    _door.set((door, ""))


@contextmanager
def through(door: str, *, address: str) -> Iterator[None]:
    """Name the door and the network address for what is done inside (a request)."""
    before = _door.set((door, address))
    try:
        yield
    finally:
        _door.reset(before)


def system_user() -> str:
    """The operating system's user, for acts on the command line."""
    try:
        return getpass.getuser()
    except (KeyError, OSError):  # a user without a name
        return "unknown"


def record(*, act: str, subject: str, by: Any = None, **detail: Any) -> None:
    """Write one entry; must run inside the transaction of the act itself, so that neither stands without the other.

    act: a verb of the trade ("issued"). subject: "kind:key". by: a Person, or None for the system.
    detail: JSON values, no personal data beyond what the subject's own row has; before and after where something changed.
    """
    record_each(act=act, by=by, details={subject: detail})


def record_each(*, act: str, details: Mapping[str, Mapping[str, Any]], by: Any = None) -> None:
    """Write one entry for each subject of the same act. details: by subject."""
    if not transaction.get_connection().in_atomic_block:
        raise RuntimeError("an act and its journal entry belong in one transaction")
    now = timezone.now()
    door, address = _door.get()
    rows: Iterable[dict[str, Any]] = (
        {
            "act": act,
            "subject": subject,
            "by_id": None if by is None else by.pk,
            "through": door,
            "address": address or None,
            "at": now,
            "detail": dict(detail),
        }
        for subject, detail in details.items()
    )
    copy_rows(JournalEntry, rows)
