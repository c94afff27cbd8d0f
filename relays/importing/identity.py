"""What a newer file does to who a relay is (docs/files.md, relays.csv).

An empty value filled in holds from the beginning: of its emptiness, if it was known once and emptied. A changed one, or
one that is emptied, holds from the day of import; a second change on that day replaces the first.
"""

import datetime as dt
from collections.abc import Mapping
from typing import Any

from relays.models import Identity, Relay

FIELDS = (
    *("legal_name", "trade_name", "legal_form", "siret", "address_line1", "address_line2", "postcode", "city", "country"),
    *("email", "phone", "iban", "rcs_city", "share_capital", "vat_on_debits", "size"),
)
_EMPTY = ("", None)


def revised(relay: Relay, history: list[Identity], *, given: Mapping[str, Any], today: dt.date) -> list[Identity]:
    """The identities to insert (no pk) or update so that the relay is what is given from now on.

    history: its identities in order of their first day. given: by field; a field that the file lacks is not in it.
    today: the day of import, in Paris.
    """
    if not history:
        return [Identity(relay=relay, **given)]
    last = history[-1]
    touched = []
    differing = {name: value for name, value in given.items() if value != getattr(last, name)}
    for name in [name for name in differing if getattr(last, name) in _EMPTY]:
        touched += _fill_in(history, name=name, value=differing.pop(name))
    if differing:
        current = last
        if last.valid_from < today:
            current = Identity(relay=relay, valid_from=today, **{name: getattr(last, name) for name in FIELDS})
        for name, value in differing.items():
            setattr(current, name, value)
        touched.append(current)
    return list({id(identity): identity for identity in touched}.values())


def _fill_in(history: list[Identity], *, name: str, value: Any) -> list[Identity]:
    """Set the value on the last identities in which it is empty; they are returned."""
    filled = []
    for identity in reversed(history):
        if getattr(identity, name) not in _EMPTY:
            break
        setattr(identity, name, value)
        filled.append(identity)
    return filled
