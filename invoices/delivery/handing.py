"""Handing over one invoice at a time: a lock that dies with its process tells the living from the killed."""

import signal
import threading
from collections.abc import Collection, Iterator
from contextlib import contextmanager, suppress
from types import FrameType

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


@contextmanager
def undisturbed() -> Iterator[None]:
    """Ctrl-C and SIGTERM wait until the end of this, so that they leave no message without its answer; a second one does not wait."""
    if threading.current_thread() is not threading.main_thread():  # only the main thread is ever disturbed
        yield
        return
    arrived: list[int] = []
    handlers = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)}

    def restore() -> None:
        for number, handler in handlers.items():
            signal.signal(number, handler)

    def wait(number: int, _frame: FrameType | None) -> None:
        arrived.append(number)
        restore()

    for number in handlers:
        signal.signal(number, wait)
    try:
        yield
    finally:
        restore()
        for signal_number in arrived:
            signal.raise_signal(signal_number)


def in_others_hands(invoice_ids: Collection[int]) -> set[int]:
    """Those of these invoices that another living process is handing over. Only looks: whoever begins meanwhile is not hindered."""
    by_lock = {_lock(invoice_id)[1]: invoice_id for invoice_id in invoice_ids}
    with connection.cursor() as cursor:
        cursor.execute(_HELD_BY_OTHERS, [_HANDING_OVER, list(by_lock)])
        return {by_lock[number] for (number,) in cursor.fetchall()}


# objsubid 2: locks of two numbers (PostgreSQL's documentation of pg_locks).
_HELD_BY_OTHERS = """
    SELECT objid::bigint FROM pg_locks
    WHERE locktype = 'advisory' AND objsubid = 2 AND granted AND pid <> pg_backend_pid()
        AND database = (SELECT oid FROM pg_database WHERE datname = current_database())
        AND classid = %s AND objid::bigint = ANY(%s)
"""


def is_in_hand(invoice_id: int) -> bool:
    """Whether a living process is handing it over; if not, none begins until this transaction ends."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_xact_lock(%s, %s)", _lock(invoice_id))
        (free,) = cursor.fetchone()
    return not free


def _lock(invoice_id: int) -> list[int]:
    return [_HANDING_OVER, invoice_id & 0x7FFF_FFFF]
