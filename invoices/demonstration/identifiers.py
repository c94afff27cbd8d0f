"""Well-formed identifiers of shops that do not exist: SIREN, SIRET, VAT number, IBAN, telephone.

All are worked out from the shop's rank, so that two shops never get the same; a likeness to a real one is chance.
"""

# Ranges that ARCEP keeps for works of fiction (decision 2018-0881): nobody answers, four digits are free.
FICTION_LANDLINES = {"01": "19900", "02": "26191", "03": "35301", "04": "46571", "05": "53649"}
FICTION_MOBILE = "63998"

_SIRENS = 60_000_000  # how many there are between 3… and 8…
_STRIDE = 38_837_621  # prime to _SIRENS: each rank below it gets a SIREN of its own, far from its neighbour's


def check_digit(digits: str) -> str:
    """The digit that makes `digits` pass Luhn's check (ISO/IEC 7812-1)."""
    doubled = (int(digit) * (2 if place % 2 == 0 else 1) for place, digit in enumerate(reversed(digits)))
    return str(-sum(each // 10 + each % 10 for each in doubled) % 10)


def siren(*, rank: int, seed: int) -> str:
    """The SIREN of the rank-th owner: nine digits, no other rank's."""
    digits = str(30_000_000 + (rank * _STRIDE + seed * 7_919) % _SIRENS)
    return digits + check_digit(digits)


def siret(*, siren: str, shop: int) -> str:
    """The SIRET of an owner's first, second, … shop."""
    digits = f"{siren}{shop:04d}"
    return digits + check_digit(digits)


def vat_number(siren: str) -> str:
    """The French VAT number of a SIREN: FR, a key of two digits, the SIREN (key: 12 + 3 × SIREN, mod 97)."""
    return f"FR{(12 + 3 * int(siren)) % 97:02d}{siren}"


def iban(*, rank: int) -> str:
    """A French IBAN at one of five banks that do not exist, with its RIB key and its check digits (ISO 13616)."""
    bank, branch, account = 90_101 + 1_111 * (rank % 5), 1_000 + rank % 800, 7_654_321 * rank % 10**11
    key = 97 - (89 * bank + 15 * branch + 3 * account) % 97
    rib = f"{bank:05d}{branch:05d}{account:011d}{key:02d}"
    check = 98 - int(f"{rib}152700") % 97  # F, R, then 00 for the check digits to be found
    return f"FR{check:02d}{rib}"


def phone(*, rank: int, zone: str | None) -> str:
    """A number kept for fiction: a landline of the zone ("01" to "05"), or a mobile where the zone is None."""
    return f"+33{FICTION_LANDLINES[zone] if zone else FICTION_MOBILE}{rank % 10_000:04d}"
