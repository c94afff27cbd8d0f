"""A wrong PIN is given once. Tokens and providers lock after three or so, and every process would try it again each minute."""

import datetime as dt
import fcntl
import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from invoices.sealing.keys import SealKeyUnavailable


class PinRefused(SealKeyUnavailable):
    """The token or the provider refused the PIN."""


@contextmanager
def one_try(*, of: str, notes: Path) -> Iterator[None]:
    """Within it a PIN is given to that token or credential, by one process of the machine at a time.

    PinRefused raised within leaves a note in the folder: from then on nobody gives a PIN there until a person has mended
    the PIN and deleted the note. The note says when; of the PIN it has nothing, not even a digest (ten thousand of them
    are soon tried).
    Raises SealKeyUnavailable if there is a note, or if none could be left.
    """
    note = notes / f"seal-pin-refused-{re.sub(r'[^A-Za-z0-9]+', '-', of)}"
    try:
        notes.mkdir(parents=True, exist_ok=True)
        lock = os.open(notes / "seal-pin.lock", os.O_WRONLY | os.O_CREAT, 0o600)
    except OSError as error:
        raise SealKeyUnavailable(f"The folder {notes} cannot be written ({error.strerror}), so the seal's PIN is not given.") from error
    try:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if note.exists():
            raise SealKeyUnavailable(
                f"The seal's PIN was refused by {of} ({note.read_text().strip()}) and is not given again, lest it be locked: "
                f"correct the PIN, then delete {note}."
            )
        try:
            yield
        except PinRefused:
            note.write_text(f"{dt.datetime.now(dt.UTC):%Y-%m-%d %H:%M} UTC\n")
            raise
    finally:
        os.close(lock)
