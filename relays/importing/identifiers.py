"""Cells that say who a relay is: its code, SIRET, VAT number, IBAN, e-mail, postcode (docs/files.md).

SIRET, VAT number and IBAN may be typed in groups, as they are printed: their spaces are dropped, their letters made
capitals.
"""

import re

from django.core.exceptions import ValidationError
from django.core.validators import EmailValidator
from stdnum import iban as iban_rules
from stdnum import luhn
from stdnum.exceptions import ValidationError as NotWellFormed
from stdnum.fr import tva

from selfbilling.tabular.cells import BadCell, clean, filled, remembered

_CODE = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_-]{0,17}")
_SIRET = re.compile(r"[0-9]{14}")
_VAT_NUMBER = re.compile(r"FR[0-9A-HJ-NP-Z]{2}[0-9]{9}")
_IBAN = re.compile(r"[A-Z]{2}[0-9]{2}[A-Z0-9]{11,30}")
_POSTCODE = re.compile(r"[0-9]{5}")
_LA_POSTE = "356000000"
_well_formed_email = EmailValidator(allowlist=[])


@remembered
def relay_code(cell: str) -> str:
    """A relay's code: 1 to 18 of A-Z a-z 0-9 _ -, not first -. Raises BadCell."""
    value = filled(cell)
    if not _CODE.fullmatch(value):
        raise BadCell("is not a relay code", "write 1 to 18 of A-Z a-z 0-9 _ -, the first one not -")
    return value


def relay_code_or_nothing(cell: str) -> str:
    """A relay's code, or "". Raises BadCell."""
    return relay_code(cell) if clean(cell) else ""


def siret(cell: str) -> str:
    """A SIRET: 14 digits, by Luhn; La Poste's shops by their own rule, digits that add up to a multiple of 5. Raises BadCell."""
    value = _compact(filled(cell))
    if not _SIRET.fullmatch(value):
        raise BadCell("is not 14 digits", "ask the relay for its SIRET; a spreadsheet may have rounded it")
    is_of_la_poste = value.startswith(_LA_POSTE) and sum(map(int, value)) % 5 == 0
    if not (luhn.is_valid(value) or is_of_la_poste) or not value.strip("0"):
        raise BadCell("is no SIRET: its check digit is wrong", "ask the relay for its SIRET")
    return value


def vat_number(cell: str) -> str:
    """A French VAT number: FR, key and SIREN; or "". Raises BadCell."""
    value = _compact(clean(cell))
    if value and not (_VAT_NUMBER.fullmatch(value) and tva.is_valid(value)):
        raise BadCell("is no French VAT number", "write FR, its two check characters and the SIREN; ask the relay")
    return value


def iban(cell: str) -> str:
    """An IBAN of any country that has them; or "". Raises BadCell."""
    value = _compact(clean(cell))
    if not value:
        return value
    try:
        if not _IBAN.fullmatch(value):
            raise NotWellFormed
        return str(iban_rules.validate(value, check_country=False))
    except NotWellFormed:
        raise BadCell("is no IBAN: its length or check digits are wrong", "ask the relay for its IBAN") from None


def email(cell: str) -> str:
    """One e-mail address in ASCII; or "". Raises BadCell."""
    value = clean(cell)
    if not value:
        return value
    try:
        _well_formed_email(value)
    except ValidationError:
        raise BadCell("is no e-mail address", "write one address, like boutique@example.org") from None
    if len(value) > 254 or not value.isascii():
        raise BadCell("is no e-mail address that mail servers take", "write it in ASCII, at most 254 characters")
    return value


def postcode(cell: str) -> str:
    """A postcode of metropolitan France: five digits, not 97 or 98 (their VAT differs); or "". Raises BadCell."""
    value = clean(cell)
    if value and not _POSTCODE.fullmatch(value):
        raise BadCell("is not five digits", "write all five; a spreadsheet may have dropped the first 0")
    if value.startswith(("97", "98")):
        raise BadCell("is overseas, where VAT differs", "leave this relay out: it cannot be billed in this version")
    return value


def country(cell: str) -> str:
    """FR. Raises BadCell."""
    value = filled(cell)
    if value != "FR":
        raise BadCell("is not FR", "leave this relay out: only relays in France can be billed in this version")
    return value


def _compact(value: str) -> str:
    return "".join(value.split()).upper()
