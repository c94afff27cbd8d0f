"""import_payments FILE [--partial]: payments.csv (docs/files.md)."""

from invoices.importing import payments
from selfbilling.tabular.command import ImportCommand


class Command(ImportCommand):
    """Bring payments in."""

    help = "Import payments.csv: what was paid, of which invoice, on which day; the relay sees it."
    judge = staticmethod(payments.judge)
