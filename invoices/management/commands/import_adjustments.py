"""import_adjustments FILE [--partial]: adjustments.csv (docs/files.md)."""

from invoices.importing import adjustments
from selfbilling.tabular.command import ImportCommand


class Command(ImportCommand):
    """Bring adjustments in."""

    help = "Import adjustments.csv: one-off amounts ex VAT for a relay’s own service."
    judge = staticmethod(adjustments.judge)
