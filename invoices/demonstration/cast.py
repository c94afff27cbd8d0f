"""Who is peculiar in the demonstration: everything that is not drawn by lot, by the relay's rank (1, 2, 3, …).

The same ranks in a network of any size; a network of 40 has them all.
"""

SMALLEST = 40

# Held in the last month, each for another reason (docs/files.md, Held).
WITHOUT_MANDATE = 12
MANDATE_ENDS_EARLY = 13  # its last valid day is the 20th of the last month
WITHOUT_VAT_NUMBER = 14  # though under the standard regime
WITHOUT_TARIFF = 15  # did deliveries by bicycle, whose prices only start in the month after
OVERPAID = 16  # an adjustment takes back more than the month is worth
WITHOUT_CITY = 18

HELD = {
    WITHOUT_MANDATE: "no_mandate",
    MANDATE_ENDS_EARLY: "no_mandate",
    WITHOUT_VAT_NUMBER: "incomplete_identity",
    WITHOUT_TARIFF: "unknown_tariff",
    OVERPAID: "negative_total",
    WITHOUT_CITY: "incomplete_identity",
}

# Billed, and still peculiar.
OWN_TARIFF = 11
LEAVES_FRANCHISE = 20  # on the 16th of the last month
TWO_MANDATES = 25  # one until the 15th of the last month, another from the 16th
STARTS_LATE = 27  # its mandate and its activity start on the 10th of the last month

CODES = {7: "Gare_du-Nord", 22: "lille_2-bis"}
COMPANIES = {  # rank: (legal form, legal name, trade name)
    5: ("SARL", "Société d’exploitation de l’épicerie fine Au Cœur des Halles", "Au Cœur des Halles"),  # 60 characters
    6: ("SAS", "Doğan, Pawłowski & Cie", "Épicerie Doğan"),
    10: ("EURL", "L'Étoile", "Bar-Tabac L'Étoile"),  # a typewriter's apostrophe
    17: ("SNC", "N’Guyen & Fils", "Tabac-Presse N’Guyen"),
    21: ("SASU", "Œuvre", "Librairie Œuvre"),
}


def is_second_shop(rank: int) -> bool:
    """Whether this relay is the second shop of the owner of the relay before: same SIREN, another NIC."""
    return rank % 50 == 9


def is_corrected_the_same_day(rank: int) -> bool:
    """Whether some parcels of one of its days are taken back by a negative row of that day."""
    return rank % 40 == 4


def is_corrected_on_a_sunday(rank: int) -> bool:
    """Whether parcels are taken back on the last Sunday, when it is closed: the day itself is negative."""
    return rank % 40 == 24


def earns_a_premium(rank: int) -> bool:
    """Whether it has a positive adjustment each month."""
    return rank % 25 == 0


def pays_a_penalty(rank: int) -> bool:
    """Whether it has a negative adjustment each month."""
    return rank % 25 == 10
