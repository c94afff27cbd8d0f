"""Who may be billed, and by whose authority."""

from relays.models.choice import OptIn
from relays.models.mandate import Mandate, MandateText
from relays.models.membership import Invitation, Membership, Role
from relays.models.person import Person
from relays.models.relay import BEGINNING, BilledDays, Identity, Relay, VatRegime
from relays.models.request import Request
from relays.models.scan import MandateScan

__all__ = [
    "BEGINNING",
    "BilledDays",
    "Identity",
    "Invitation",
    "Mandate",
    "MandateScan",
    "MandateText",
    "Membership",
    "OptIn",
    "Person",
    "Relay",
    "Request",
    "Role",
    "VatRegime",
]
