"""What a newer file does to a relay's consent to e-mail, as far as the operator took it over (docs/files.md, relays.csv).

What the relay said itself, in the portal, no file undoes; and no file brings a withdrawn consent back, unless it is
dated after the withdrawal.
"""

import datetime as dt
from collections.abc import Sequence
from typing import NamedTuple

from relays.models import OptIn, Relay


class Consent(NamedTuple):
    """What a file does: a consent that ends (withdrawn_on set), one that begins. Either may be None."""

    ending: OptIn | None = None
    beginning: OptIn | None = None


def taken_over(relay: Relay, history: Sequence[OptIn], *, given_on: dt.date | None, evidence: dict[str, object], today: dt.date) -> Consent:
    """What to write so that the file's consent holds. given_on: None, the file says paper. evidence: file and line.

    history: all consents of the relay. today: the day of import, in Paris, from which a withdrawal counts.
    """
    in_force = next((opt_in for opt_in in history if opt_in.withdrawn_on is None), None)
    if in_force is not None and (in_force.source != OptIn.Source.TAKEN_OVER or in_force.given_on == given_on):
        return Consent()
    withdrawals = [opt_in.withdrawn_on for opt_in in history if opt_in.withdrawn_on is not None]
    if in_force is None and given_on is not None and withdrawals and given_on <= max(withdrawals):
        return Consent()
    if in_force is not None:
        in_force.withdrawn_on = today
    if given_on is None:
        return Consent(ending=in_force)
    new = OptIn(relay=relay, given_on=given_on, source=OptIn.Source.TAKEN_OVER, evidence=evidence)
    return Consent(ending=in_force, beginning=new)
