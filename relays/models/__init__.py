"""Who may be billed, and by whose authority."""

from relays.models.choice import OptIn
from relays.models.mandate import Mandate, MandateText
from relays.models.person import Person
from relays.models.relay import BEGINNING, BilledDays, Identity, Relay, VatRegime

__all__ = ["BEGINNING", "BilledDays", "Identity", "Mandate", "MandateText", "OptIn", "Person", "Relay", "VatRegime"]
