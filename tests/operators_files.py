"""The operator's files for tests: rows that are good unless the arguments say otherwise, and what an import says of them."""

import csv
from collections.abc import Iterator
from pathlib import Path

import pytest

from selfbilling.tabular.importing import BadRows, Judge, Report, take, take_good_rows

Row = dict[str, str]

RELAY: Row = {
    "relay_code": "R0001",
    "legal_name": "Épicerie de l’Étoile SARL",
    "trade_name": "L’Étoile",
    "legal_form": "SARL",
    "siret": "28724467700848",
    "vat_number": "FR11287244677",
    "vat_regime": "standard",
    "vat_from": "2025-01-01",
    "address_line1": "12 rue de l’Œuvre",
    "address_line2": "",
    "postcode": "44000",
    "city": "Nantes",
    "country": "FR",
    "email": "etoile@example.org",
    "phone": "+33612715087",
    "iban": "FR7690059324024422242085611",
    "email_opt_in_on": "",
}
MANDATE: Row = {
    "relay_code": "R0001",
    "text_version": "2025-1",
    "signed_on": "2025-11-15",
    "valid_from": "2025-12-01",
    "valid_to": "",
    "channel": "paper",
}
TARIFF: Row = {
    "service_code": "LIV",
    "label": "Colis remis au destinataire",
    "unit_code": "C62",
    "from_quantity": "0",
    "unit_price": "0.3850",
    "valid_from": "2026-01-01",
    "relay_code": "",
}
ACTIVITY: Row = {"relay_code": "R0001", "day": "2026-10-01", "service_code": "LIV", "quantity": "24"}
ADJUSTMENT: Row = {"relay_code": "R0001", "day": "2026-10-31", "label": "Malus qualité", "amount": "-15.00"}


def write(path: Path, *rows: Row) -> Path:
    """A file with these rows, its header from the first."""
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, list(rows[0]), lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)
    return path


class Inbox:
    """Files of one kind that are written and imported one after the other."""

    def __init__(self, folder: Path, judge: Judge, default: Row) -> None:
        self.file, self._judge, self._default = folder / "file.csv", judge, default

    def write(self, *changes: Row) -> Path:
        """A file whose rows are the default with these changes."""
        return write(self.file, *({**self._default, **change} for change in changes))

    def take(self, *changes: Row) -> str:
        """Import it; the counts, in words."""
        self.write(*changes)
        return str(take(self._judge, self.file).counts)

    def refused(self, *changes: Row) -> list[str]:
        """Import it and be refused; what is said of each bad row."""
        self.write(*changes)
        with pytest.raises(BadRows) as bad:
            take(self._judge, self.file)
        return bad.value.report.listing

    def take_good_rows(self, *changes: Row) -> Report:
        """Import the good rows."""
        self.write(*changes)
        return take_good_rows(self._judge, self.file)

    def rejected(self) -> Iterator[Row]:
        """The rows of the file with the bad ones."""
        with self.file.with_name("file.csv.rejected.csv").open(encoding="utf-8-sig", newline="") as file:
            yield from csv.DictReader(file)
