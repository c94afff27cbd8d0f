"""The journal: one row for each act that matters, written in the act's own transaction."""

import getpass
from typing import Any

from django.db import transaction

from selfbilling.models import JournalEntry

_through = ["system"]


def opened(door: str) -> None:
    """Name the door through which this process acts from now on (a command names itself as it starts)."""
    _through[0] = door


def system_user() -> str:
    """The operating system's user, for acts on the command line; its number where it has no name."""
    try:
        return getpass.getuser()
    except (KeyError, OSError):
        return "unknown"


def record(*, act: str, subject: str, by: Any = None, **detail: Any) -> None:
    """Write one entry; must run inside the transaction of the act itself, so that neither stands without the other.

    act: a verb of the trade ("issued"). subject: "kind:key". by: a Person, or None for the system.
    detail: JSON values, no personal data beyond what the subject's own row has.
    """
    if not transaction.get_connection().in_atomic_block:
        raise RuntimeError("an act and its journal entry belong in one transaction")
    JournalEntry.objects.create(act=act, subject=subject, by=by, through=_through[0], detail=detail)
