"""import_mandates FILE [--partial]: mandates.csv (docs/files.md)."""

from relays.importing import mandates
from selfbilling.tabular.command import ImportCommand


class Command(ImportCommand):
    """Bring mandates in, as approved: they are signed and filed."""

    help = "Import mandates.csv: mandates taken over from paper, signed and filed, hence approved."
    judge = staticmethod(mandates.judge)
