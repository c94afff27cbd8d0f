"""One box: a relay's code, name, city, SIRET, e-mail, or an invoice's number → relays. Accents and case do not matter."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from django.contrib.postgres.lookups import Unaccent
from django.db.models import CharField, F, Q, QuerySet, Value
from django.db.models.functions import Concat

from invoices.models import Invoice
from invoices.period import today
from relays.identities import in_force
from relays.models import Identity, Relay

AT_MOST = 50
_TOLD = ("relay__code", "legal_name", "trade_name", "postcode", "city", "siret", "email")


@dataclass(frozen=True, slots=True, kw_only=True)
class Hit:
    """A relay that was found. identity: as it is today."""

    relay: Relay
    identity: Identity | None

    @property
    def name(self) -> str:
        """Its sign, else its legal name, else its code."""
        return (self.identity and (self.identity.trade_name or self.identity.legal_name)) or self.relay.code


def search(sought: str, *, relays: QuerySet[Relay], invoices: QuerySet[Invoice]) -> list[Hit]:
    """The relays that answer to each word, in code order, AT_MOST of them; one whose invoice has that number comes alone.

    relays, invoices: among which to look. A relay is found by what it was called before, too.
    """
    words = _words(sought)
    if not words:
        return []
    by_number = list(relays.filter(pk__in=invoices.filter(number=words[0]).order_by().values("relay"))) if len(words) == 1 else []
    return hits(by_number or relays.filter(pk__in=_answering(words).values("relay"))[:AT_MOST])


def hits(relays: Sequence[Relay] | QuerySet[Relay]) -> list[Hit]:
    """These relays as they are today."""
    found = list(relays)
    identities = in_force(today(), [relay.pk for relay in found])
    return [Hit(relay=relay, identity=identities.get(relay.pk)) for relay in found]


def _words(sought: str) -> list[str]:
    """The words; a SIRET is one, however it is spaced."""
    digits = re.sub(r"\s", "", sought)
    if digits.isdecimal() and len(digits) in {9, 14}:
        return [digits]
    return sought.split()[:8]


def _answering(words: Sequence[str]) -> QuerySet[Identity]:
    spaced = [part for name in _TOLD for part in (F(name), Value(" "))]
    told = Identity.objects.annotate(told=Unaccent(Concat(*spaced, output_field=CharField())))
    every = Q()
    for word in words:
        every &= Q(told__icontains=Unaccent(Value(word)))
    return told.filter(every)
