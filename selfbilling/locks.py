"""One lock between what the operator's files bring in and what is billed from it.

An import changes relays, mandates, tariffs, activity or adjustments in one transaction, alone. Whoever bills from them
(drafts, approves, issues) lets no import in until its own transaction ends: else a row could be imported, for a month
without an invoice, in the moment in which that invoice is issued, and would never be billed.
All are taken first, before any row's lock.
"""

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import OperationalError, connection
from django.utils.translation import gettext as _

from selfbilling.errors import Unavailable

_NOT_IN_TIME = "55P03"  # PostgreSQL: lock_not_available
INPUTS = 0x5E1F_B111  # any number of our own: PostgreSQL's advisory locks are named by numbers


def change_inputs() -> None:
    """Wait until nobody else imports or bills; then do it alone until this transaction ends."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [INPUTS])


def change_inputs_soon() -> None:
    """The same, for a person who waits for a page: five seconds at most. Raises Unavailable."""
    try:
        with connection.cursor() as cursor:
            cursor.execute("SET LOCAL lock_timeout = '5s'")
            change_inputs()
            cursor.execute("SET LOCAL lock_timeout = 0")
    except OperationalError as error:
        if getattr(error.__cause__, "sqlstate", "") != _NOT_IN_TIME:
            raise
        raise Unavailable(
            _("A month is being billed, or another file is going in. Nothing was changed: try again in a few minutes.")
        ) from None


def hold_inputs() -> None:
    """Wait until nobody imports; then keep the inputs as they are until this transaction ends (others may hold them too)."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock_shared(%s)", [INPUTS])


@contextmanager
def inputs_held() -> Iterator[None]:
    """The same through several transactions: until the block ends, or the connection, should the process be killed."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_lock_shared(%s)", [INPUTS])
    try:
        yield
    finally:
        if connection.is_usable():  # else the lock ended with the connection
            with connection.cursor() as cursor:
                cursor.execute("SELECT pg_advisory_unlock_shared(%s)", [INPUTS])
