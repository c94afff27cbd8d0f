"""Handing over one invoice at a time: a lock that dies with its process tells the living from the killed."""

from collections.abc import Iterator
from contextlib import contextmanager, suppress

from django.db import InterfaceError, OperationalError, connection

_HANDING_OVER = 0x5E1F  # any number of our own: it names our locks among PostgreSQL's advisory locks of two numbers


@contextmanager
def alone_with(invoice_id: int) -> Iterator[bool]:
    """Hold that invoice's lock while handing it over; False at once where another process holds it.

    PostgreSQL lets go of it as soon as the process dies, so whoever gets it and finds a Delivery that is being handed
    over knows that nobody is in the midst of it any more.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_lock(%s, %s)", _lock(invoice_id))
        (alone,) = cursor.fetchone()
    try:
        yield alone
    finally:
        if alone:
            with suppress(OperationalError, InterfaceError), connection.cursor() as cursor:  # a dead connection holds nothing
                cursor.execute("SELECT pg_advisory_unlock(%s, %s)", _lock(invoice_id))


def is_in_hand(invoice_id: int) -> bool:
    """Whether a living process is handing it over; if not, none begins until this transaction ends."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_xact_lock(%s, %s)", _lock(invoice_id))
        (free,) = cursor.fetchone()
    return not free


def _lock(invoice_id: int) -> list[int]:
    return [_HANDING_OVER, invoice_id & 0x7FFF_FFFF]
