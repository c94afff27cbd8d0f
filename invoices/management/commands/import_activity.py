"""import_activity FILE [--partial]: activity.csv (docs/files.md)."""

from invoices.importing import activity
from selfbilling.tabular.command import ImportCommand


class Command(ImportCommand):
    """Bring activity in."""

    help = "Import activity.csv: what each relay did, by day and service."
    judge = staticmethod(activity.judge)
