"""import_relays FILE [--partial]: relays.csv (docs/files.md)."""

from relays.importing import relays
from selfbilling.tabular.command import ImportCommand


class Command(ImportCommand):
    """Bring relays in."""

    help = "Import relays.csv: who the relays are, their VAT regimes, the consents to e-mail that the operator holds."
    judge = staticmethod(relays.judge)
