"""What was appended to a sealed file: nothing but validation data and document timestamps, as prolonging.py writes them.

Each update is taken apart for the few values in it, and written anew over what was there before: only the very same bytes
are accepted. So no object of the page can be replaced, hidden or added, whatever a reader makes of the file.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise

from invoices.sealing import der
from invoices.sealing.chains import Chain, certificate_from
from invoices.sealing.prolonging import extended, stored
from invoices.sealing.seal import digest_around, filled
from invoices.sealing.tokens import Timestamp, TokenInvalid, UnknownAuthority, read
from invoices.sealing.update import Original, reference, references
from invoices.sealing.validation_data import ValidationData
from invoices.sealing.verdicts import Invalid, Reason

_MOST_UPDATES = 40  # a renewal every other year, for as long as anyone keeps an invoice
_LARGEST_TOKEN = 1 << 16  # bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Update:
    """One of them. data: all that the file holds since; timestamp: the document's that it brought."""

    data: ValidationData
    timestamp: Timestamp | None


def updates(pdf: bytes, *, since: int, authorities: Chain) -> list[Update]:
    """What was appended from that byte on, where the sealed file ended, in order. authorities: trusted for timestamps.

    Raises Invalid.
    """
    try:
        ends = list(_ends(pdf, since=since))
        return [_update(pdf[:before], pdf[:after], authorities=authorities) for after, before in reversed(list(pairwise(ends)))]
    except (ValueError, LookupError) as error:
        raise Invalid(Reason.ADDED, bytes=str(len(pdf) - since)) from error


def token(encoded: bytes, *, digest: bytes, authorities: Chain, data: ValidationData = ValidationData()) -> Timestamp:  # noqa: B008
    """A token that is wholly right, by a known authority. Raises Invalid."""
    try:
        among = tuple(certificate_from(one) for one in data.certificates)
    except ValueError as error:
        raise Invalid(Reason.STRANGE_DATA) from error
    try:
        found = read(encoded, digest=digest, trusted=authorities, among=among)
    except UnknownAuthority as error:
        raise Invalid(Reason.UNKNOWN_AUTHORITY) from error
    except TokenInvalid as error:
        raise Invalid(Reason.WRONG_TIMESTAMP) from error
    if found.token != encoded:
        raise Invalid(Reason.WRONG_TIMESTAMP)
    return found


def _ends(pdf: bytes, *, since: int) -> Iterator[int]:
    """Where the file ended after each update, the last one first. Raises ValueError."""
    end = len(pdf)
    yield end
    for _ in range(_MOST_UPDATES):
        if end == since:
            return
        start = Original(pdf[:end]).added_from()
        if not since <= start < end:
            break
        end = start
        yield end
    raise ValueError("not a row of updates")


def _update(before: bytes, after: bytes, *, authorities: Chain) -> Update:
    """Raises ValueError, LookupError, Invalid."""
    original, result = Original(before), Original(after)
    data = stored(result)
    old, new = _fields(original), _fields(result)
    if len(new) == len(old):
        expected, place = extended(original, data=data, room=None)
        content = b""
    else:
        content, room = _content(result, field=new[-1])
        expected, place = extended(original, data=data, room=room)
        expected = filled(expected, place=place, content=content) if place else expected
    if expected != after or expected == before:
        raise ValueError("not as we write it")
    if place is None:
        return Update(data=data, timestamp=None)
    return Update(data=data, timestamp=token(content, digest=digest_around(after, place=place), authorities=authorities, data=data))


def _fields(original: Original) -> list[int]:
    form = reference(original.entries(original.catalog)[b"/AcroForm"])
    return references(original.entries(form)[b"/Fields"])


def _content(original: Original, *, field: int) -> tuple[bytes, int]:
    """The token in a signature field, and how much room was kept for it."""
    digits = original.entries(reference(original.entries(field)[b"/V"]))[b"/Contents"]
    if len(digits) > 2 * _LARGEST_TOKEN:
        raise ValueError("too large a token")
    return der.first(bytes.fromhex(digits[1:-1].decode("ascii"))).whole, len(digits) // 2 - 1
