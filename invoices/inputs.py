"""What a month is billed from: activity, adjustments, tariffs and identities, read in one snapshot; and their digest.

The digest tells whether anything changed after the drafts were made: approve and issue refuse then.
"""

import datetime as dt
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from decimal import Decimal

from django.db import connection, transaction

from invoices import rating
from invoices.models import Band, Hold
from invoices.period import Period
from invoices.vat import RegimeFrom
from relays import identities, mandates, opting_in
from relays.models import Identity, Mandate, Relay

# Relays with something to bill in the month and no invoice of it from another run.
_SCOPE = """
    WITH scope AS (
        SELECT r.id, r.code FROM relays_relay r
        WHERE (
            EXISTS (SELECT 1 FROM invoices_activity a WHERE a.relay_id = r.id AND a.day BETWEEN %(first)s AND %(last)s)
            OR EXISTS (SELECT 1 FROM invoices_adjustment j WHERE j.relay_id = r.id AND j.day BETWEEN %(first)s AND %(last)s)
        ) AND NOT EXISTS (
            SELECT 1 FROM invoices_invoice i
            WHERE i.relay_id = r.id AND i.period = %(first)s AND i.type_code = '389' AND i.run_id <> %(run)s
        )
    )
"""
_COUNTS = f"""
    {_SCOPE}
    SELECT day_sums.relay_id, day_sums.service_code, array_agg(day_sums.day ORDER BY day_sums.day),
        array_agg(day_sums.quantity ORDER BY day_sums.day)
    FROM (
        SELECT a.relay_id, a.service_code, EXTRACT(day FROM a.day)::int AS day, sum(a.quantity)::bigint AS quantity
        FROM invoices_activity a JOIN scope ON scope.id = a.relay_id
        WHERE a.day BETWEEN %(first)s AND %(last)s
        GROUP BY a.relay_id, a.service_code, a.day
    ) day_sums
    GROUP BY day_sums.relay_id, day_sums.service_code
    ORDER BY day_sums.relay_id, day_sums.service_code
"""
_ADJUSTMENTS = f"""
    {_SCOPE}
    SELECT j.relay_id, j.day, j.label, j.amount FROM invoices_adjustment j JOIN scope ON scope.id = j.relay_id
    WHERE j.day BETWEEN %(first)s AND %(last)s
    ORDER BY j.relay_id, j.day, j.label
"""
# Sums of row hashes do not depend on the rows' order. Each part counts its rows too.
_DIGEST = f"""
    {_SCOPE}
    SELECT concat_ws(' ',
        (SELECT concat(count(*), ':', sum(hash_record_extended((a.relay_id, a.day, a.service_code, a.quantity), 0)::numeric))
            FROM invoices_activity a JOIN scope ON scope.id = a.relay_id WHERE a.day BETWEEN %(first)s AND %(last)s),
        (SELECT concat(count(*), ':', sum(hash_record_extended((j.relay_id, j.day, j.label, j.amount), 0)::numeric))
            FROM invoices_adjustment j JOIN scope ON scope.id = j.relay_id WHERE j.day BETWEEN %(first)s AND %(last)s),
        (SELECT concat(count(*), ':', sum(hash_record_extended((i.*), 0)::numeric))
            FROM relays_identity i JOIN scope ON scope.id = i.relay_id),
        (SELECT concat(count(*), ':', sum(hash_record_extended((v.*), 0)::numeric))
            FROM relays_vatregime v JOIN scope ON scope.id = v.relay_id),
        (SELECT concat(count(*), ':', sum(hash_record_extended(
                (s.service_code, s.relay_id, s.valid_from, b.from_quantity, b.unit_price, b.label, b.unit_code), 0)::numeric))
            FROM invoices_tariffset s JOIN invoices_band b ON b.tariff_set_id = s.id
            WHERE s.valid_from <= %(first)s AND (s.relay_id IS NULL OR s.relay_id IN (SELECT id FROM scope)))
    )
"""


@dataclass(slots=True)
class RelayMonth:
    """One relay's inputs of one month, as plain values. counts: (service, days' sums in day order)."""

    relay: Relay
    identity: Identity | None
    regimes: list[RegimeFrom]
    mandates: list[Mandate]
    opted_in: bool
    counts: list[tuple[str, list[tuple[dt.date, int]]]] = field(default_factory=list)
    adjustments: list[tuple[dt.date, str, Decimal]] = field(default_factory=list)  # EUR ex VAT
    hold: str = ""  # why a person holds it

    def billed_days(self) -> list[dt.date]:
        """The days on which something is billed, in order."""
        days = {day for _, sums in self.counts for day, quantity in sums if quantity}
        return sorted(days | {day for day, _, _ in self.adjustments})


@dataclass(slots=True)
class Month:
    """Everything that a run rates. tariffs: by (service, relay id, or None for the network's)."""

    period: Period
    digest: str
    relays: list[RelayMonth]
    tariffs: dict[tuple[str, int | None], rating.Tariff]

    def tariff(self, service_code: str, relay: Relay) -> rating.Tariff | None:
        """The set in force: the relay's own for that service if it has one, else the network's."""
        return self.tariffs.get((service_code, relay.pk)) or self.tariffs.get((service_code, None))


def _parameters(period: Period, run_id: int | None) -> dict[str, dt.date | int]:
    return {"first": period.first, "last": period.last, "run": run_id or 0}


def digest(period: Period, *, run_id: int | None) -> str:
    """The digest of the month's inputs, invoices of other runs left out. run_id: the run that asks."""
    with connection.cursor() as cursor:
        cursor.execute(_DIGEST, _parameters(period, run_id))
        return str(cursor.fetchone()[0])


def billed_days(period: Period, relay_ids: Collection[int]) -> dict[int, list[dt.date]]:
    """The days on which something of that month is billed, in order, by relay id."""
    with connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT relay_id, array_agg(DISTINCT day ORDER BY day) FROM (
                SELECT relay_id, day FROM invoices_activity
                WHERE relay_id = ANY(%(ids)s) AND day BETWEEN %(first)s AND %(last)s
                GROUP BY relay_id, service_code, day HAVING sum(quantity) <> 0
                UNION ALL
                SELECT relay_id, day FROM invoices_adjustment WHERE relay_id = ANY(%(ids)s) AND day BETWEEN %(first)s AND %(last)s
            ) billed GROUP BY relay_id
            """,
            {"ids": list(relay_ids), "first": period.first, "last": period.last},
        )
        return dict(cursor.fetchall())


def tariffs_in_force(period: Period) -> dict[tuple[str, int | None], rating.Tariff]:
    """For each (service, relay or None): the set with the latest valid_from not after the month's first day."""
    bands: dict[int, list[Band]] = {}
    sets: dict[tuple[str, int | None], int] = {}
    for band in (
        Band.objects.filter(tariff_set__valid_from__lte=period.first)
        .select_related("tariff_set")
        .order_by("tariff_set__valid_from", "tariff_set_id", "from_quantity")
    ):
        bands.setdefault(band.tariff_set_id, []).append(band)
        sets[band.tariff_set.service_code, band.tariff_set.relay_id] = band.tariff_set_id  # the latest wins
    return {
        key: rating.Tariff(
            key[0],
            tuple(rating.Band(b.from_quantity, b.unit_price, b.label, b.unit_code) for b in bands[set_id]),
            set_id,
        )
        for key, set_id in sets.items()
    }


@contextmanager
def _one_snapshot() -> Iterator[None]:
    """All that is read inside is of one moment. Inside another transaction the caller's snapshot rules."""
    if connection.in_atomic_block:
        yield
        return
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
        yield


def read(period: Period, *, day: dt.date) -> Month:
    """The month's inputs, of one moment, relays in code order. day: the one whose identities and opt-ins count."""
    with _one_snapshot():
        with connection.cursor() as cursor:
            cursor.execute(f"{_SCOPE} SELECT id FROM scope", _parameters(period, None))
            ids = [row[0] for row in cursor.fetchall()]
        found = Month(period, digest(period, run_id=None), _relays(ids, period=period, day=day), tariffs_in_force(period))
        _add_counts({month.relay.pk: month for month in found.relays}, period)
        return found


def _relays(ids: Collection[int], *, period: Period, day: dt.date) -> list[RelayMonth]:
    who = identities.in_force(day, ids)
    regimes = identities.vat_histories(ids)
    authority = mandates.approved(ids)
    by_email = opting_in.opted_in(day, ids)
    holds = dict(Hold.objects.filter(period=period.first, relay_id__in=ids).values_list("relay_id", "why"))
    return [
        RelayMonth(
            relay=relay,
            identity=who.get(relay.pk),
            regimes=[RegimeFrom(r.valid_from, r.regime, r.vat_number) for r in regimes.get(relay.pk, [])],
            mandates=authority.get(relay.pk, []),
            opted_in=relay.pk in by_email,
            hold=holds.get(relay.pk, ""),
        )
        for relay in Relay.objects.filter(pk__in=ids).order_by("code")
    ]


def _add_counts(relays: dict[int, RelayMonth], period: Period) -> None:
    with connection.cursor() as cursor:
        cursor.execute(_COUNTS, _parameters(period, None))
        for relay_id, service_code, days, quantities in cursor.fetchall():
            sums = [(period.first.replace(day=day), quantity) for day, quantity in zip(days, quantities, strict=True)]
            relays[relay_id].counts.append((service_code, sums))
        cursor.execute(_ADJUSTMENTS, _parameters(period, None))
        for relay_id, day, label, amount in cursor.fetchall():
            relays[relay_id].adjustments.append((day, label, amount))
