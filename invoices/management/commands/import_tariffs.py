"""import_tariffs FILE [--partial]: tariffs.csv (docs/files.md)."""

from invoices.importing import tariffs
from selfbilling.tabular.command import ImportCommand


class Command(ImportCommand):
    """Bring tariffs in."""

    help = "Import tariffs.csv: sets of graduated bands, for the network or for one relay, from a month on."
    judge = staticmethod(tariffs.judge)
