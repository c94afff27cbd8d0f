"""What a newer relays.csv changes of a known relay, value by value, before anything is written: for whoever looks first."""

import datetime as dt
from collections.abc import Iterator, Mapping, Sequence
from itertools import takewhile
from typing import Any, Protocol

from relays.importing.consent import Consent
from relays.models import Identity, VatRegime
from selfbilling.tabular.importing import Change

_EMPTY = ("", None)


class RegimeRow(Protocol):
    """The columns of a row that say its VAT regime."""

    @property
    def vat_regime(self) -> str:
        """standard or franchise."""
        ...

    @property
    def vat_number(self) -> str:
        """The number, or ""."""
        ...

    @property
    def vat_from(self) -> dt.date:
        """The first day."""
        ...


def of_identity(history: Sequence[Identity], *, given: Mapping[str, Any], today: dt.date) -> Iterator[Change]:
    """The fields in which the file differs, with the day from which that holds (identity.revised); call it before that.

    The changes have no line and no key yet.
    """
    last = history[-1] if history else None
    for name, value in given.items() if last is not None else ():
        before = getattr(last, name)
        if value == before:
            continue
        if before in _EMPTY:
            since = [each.valid_from for each in takewhile(lambda one, name=name: getattr(one, name) in _EMPTY, reversed(history))][-1]  # type: ignore[misc]
        else:
            since = max(today, history[-1].valid_from)
        yield Change(0, "", name, before, value, since)


def of_regimes(known: Mapping[dt.date, VatRegime], *, rows: Sequence[tuple[int, RegimeRow]]) -> Iterator[Change]:
    """The regimes that start on another day than before, or are others; rows: with their lines."""
    for line, row in rows if known else ():
        in_force = max((start for start in known if start <= row.vat_from), default=None)
        before = known[in_force] if in_force is not None else None
        if before is None or in_force != row.vat_from or before.regime != row.vat_regime:
            yield Change(line, "", "vat_regime", before.regime if before else "", row.vat_regime, row.vat_from)
        if (before.vat_number if before else "") != row.vat_number:
            yield Change(line, "", "vat_number", before.vat_number if before else "", row.vat_number, row.vat_from)


def of_consent(consent: Consent, *, today: dt.date) -> Iterator[Change]:
    """The consent to e-mail that ends, or begins."""
    if consent != Consent():
        before = consent.ending.given_on if consent.ending else None
        after = consent.beginning.given_on if consent.beginning else None
        yield Change(0, "", "email_opt_in_on", before, after, today if after is None else after)
