"""Sample contents for tests of page, XML and PDF: each odd in its own way, all adding up."""

import datetime as dt
from collections.abc import Callable, Iterable
from dataclasses import replace
from decimal import ROUND_HALF_UP, Decimal

from invoices.document.content import Content, Line, Mention, Party, Preceding, VatTotal

_CENT = Decimal("0.01")
_OCTOBER = (dt.date(2026, 10, 1), dt.date(2026, 10, 31))
STANDARD = ("S", Decimal("20.00"))
FRANCHISE = ("E", Decimal("0.00"))

OPERATOR = Party(
    name="Réseau Relais Démonstration",
    legal_form="SAS",
    siret="83214567800014",
    vat_number="FR53832145678",
    address_line1="18 avenue du Général-Leclerc",
    postcode="92100",
    city="Boulogne-Billancourt",
    rcs_city="Nanterre",
    share_capital="250 000 €",
    email="facturation@reseau-relais.example",
)
GROCER = Party(
    name="Épicerie de l’Étoile",
    trade_name="L’Étoile",
    legal_form="SARL",
    siret="28724467700848",
    vat_number="FR11287244677",
    address_line1="59 rue de l’Œuvre",
    postcode="78460",
    city="Chevreuse",
    rcs_city="Versailles",
    share_capital="8 000 €",
    email="relais.r0042@example.org",
    iban="FR7690059324024422242085611",
)
COBBLER = Party(
    name="Yağmur N’Guyen-Wałęsa",
    trade_name="Cordonnerie N’Guyen",
    legal_form="EI",
    siret="99384131199168",
    address_line1="144 rue du Marché",
    address_line2="Galerie « Les Halles », boutique 12",
    postcode="49300",
    city="Cholet",
    iban="FR7655092211237248813412840",
)
MENTIONS = (
    Mention(
        code="self_billing",
        text="Autofacturation : facture établie par Réseau Relais Démonstration au nom et pour le compte du vendeur.",
    ),
    Mention(code="operation", text="Prestation de services"),
    Mention(code="franchise", text="TVA non applicable, art. 293 B du CGI"),
    Mention(code="vat_on_debits", text="Option pour le paiement de la taxe d’après les débits"),
    Mention(
        code="penalties",
        text="En cas de retard de paiement, pénalités au taux annuel de 12,15 %, exigibles sans qu’un rappel soit "
        "nécessaire (art. L441-10 du code de commerce).",
    ),
    Mention(
        code="indemnity",
        text="Indemnité forfaitaire pour frais de recouvrement due en cas de retard : 40 € (art. D441-5 du code de commerce).",
    ),
    Mention(code="discount", text="Pas d’escompte pour paiement anticipé."),
    Mention(code="vat_liability", text="Le vendeur reste redevable de la TVA et responsable de sa déclaration."),
)


def line(
    label: str = "Colis remis au destinataire",
    *,
    quantity: int,
    price: str,
    treatment: tuple[str, Decimal] = STANDARD,
    days: tuple[dt.date, dt.date] = _OCTOBER,
    service: str = "LIV",
) -> Line:
    """One line; its net is quantity × price to the cent, half away from zero."""
    unit_price = Decimal(price)
    return Line(
        label=label,
        service_code=service,
        unit_code="C62",
        quantity=quantity,
        unit_price=unit_price,
        category=treatment[0],
        rate=treatment[1],
        net=(quantity * unit_price).quantize(_CENT, ROUND_HALF_UP),
        first_day=days[0],
        last_day=days[1],
    )


def content(lines: Iterable[Line], *, seller: Party = GROCER, number: str = "R0042-2026-00011") -> Content:
    """A self-billed invoice for October 2026 with these lines, its totals summed by treatment."""
    lines = tuple(lines)
    treatments = sorted({(one.category, one.rate) for one in lines}, reverse=True)
    totals = tuple(_total(treatment, lines) for treatment in treatments)
    net, vat = sum((total.base for total in totals), Decimal(0)), sum((total.vat for total in totals), Decimal(0))
    return Content(
        number=number,
        issue_date=dt.date(2026, 11, 2),
        due_date=dt.date(2026, 12, 2),
        period_first=_OCTOBER[0],
        period_last=_OCTOBER[1],
        seller=seller,
        buyer=OPERATOR,
        lines=lines,
        vat_totals=totals,
        net=net,
        vat=vat,
        gross=net + vat,
        relay_code="R0042",
        mandate_version="2025-1",
        mandate_signed_on=dt.date(2025, 11, 15),
        contestable_until=dt.date(2026, 12, 2),
        mentions=MENTIONS,
        contest_address="https://relais.example/factures",
        support="support@reseau-relais.example · 01 55 00 42 42",
    )


def _total(treatment: tuple[str, Decimal], lines: tuple[Line, ...]) -> VatTotal:
    category, rate = treatment
    base = sum((one.net for one in lines if (one.category, one.rate) == treatment), Decimal(0))
    return VatTotal(category=category, rate=rate, base=base, vat=(base * rate / 100).quantize(_CENT, ROUND_HALF_UP))


def standard() -> Content:
    """The plain case: a shop with VAT, three services, two bands."""
    return content(
        [
            line(quantity=500, price="0.3850"),
            line(quantity=1120, price="0.3475"),
            line("Colis déposé par un expéditeur", quantity=312, price="0.2950", service="DEP"),
            line("Retour de colis non réclamé", quantity=41, price="0.2000", service="RET"),
        ]
    )


def franchise() -> Content:
    """A sole trader without VAT number, with letters beyond Latin-1 in the name and a long address."""
    return content([line(quantity=87, price="0.3850", treatment=FRANCHISE)], seller=COBBLER, number="R0007-2026-00003")


def mixed() -> Content:
    """The shop left the franchise on 15 October; VAT on debits."""
    first, second = (_OCTOBER[0], dt.date(2026, 10, 14)), (dt.date(2026, 10, 15), _OCTOBER[1])
    lines = [
        line(quantity=211, price="0.3850", treatment=FRANCHISE, days=first),
        line(quantity=289, price="0.3850", days=second),
        line(quantity=64, price="0.3475", days=second),
    ]
    return replace(content(lines), vat_on_debits=True)


def negative() -> Content:
    """Parcels given back and a penalty: negative quantities, never a negative price."""
    last = (_OCTOBER[1], _OCTOBER[1])
    lines = [
        line(quantity=620, price="0.3850"),
        line("Retour de colis non réclamé", quantity=-5, price="0.0250", service="RET"),
        line("Malus qualité", quantity=-1, price="15.0000", days=last, service=""),
    ]
    return content(lines)


def adjusted() -> Content:
    """A bonus beside the month's parcels."""
    bonus = line("Prime qualité", quantity=1, price="12.3400", days=(_OCTOBER[1], _OCTOBER[1]), service="")
    return content([line(quantity=8, price="0.3850"), bonus])


def nothing_to_pay() -> Content:
    """What was given back eats up what was done: gross 0.00, invoiced all the same."""
    return content([line(quantity=40, price="0.3750"), line("Malus qualité", quantity=-1, price="15.0000", service="")])


def corrective(of: Content) -> Content:
    """The same, issued by the relay itself in place of an earlier invoice (384)."""
    return replace(of, number="R0042+C-2026-00001", type_code="384", corrects=(Preceding(number=of.number, issue_date=of.issue_date),))


def credit(of: Content) -> Content:
    """The same, given back by the relay itself, for two earlier invoices (381)."""
    earlier = (
        Preceding(number="R0042-2026-00009", issue_date=dt.date(2026, 9, 2)),
        Preceding(number="R0042-2026-00010", issue_date=dt.date(2026, 10, 2)),
    )
    return replace(of, number="R0042+C-2026-00002", type_code="381", corrects=earlier)


def long_names() -> Content:
    """Names of sixty characters and more, a label of two hundred, an address of five lines, no contest delay."""
    seller = replace(
        GROCER,
        name="Société d’exploitation de la Maison de la presse Œuvre & Fils",
        trade_name="Au Rendez-vous des Lecteurs et des Grands Voyageurs du Midi",
        legal_form="Société à responsabilité limitée à associé unique",
        address_line1="Centre commercial des Quatre-Chemins de Saint-Barthélemy-du-Lac",
        address_line2="Bâtiment C, entrée Nord, niveau 2, boutique 214 bis, boîte 37",
        city="Saint-Remy-en-Bouzemont-Saint-Genest-et-Isson",
        postcode="51290",
    )
    label = "Colis remis au destinataire après vérification de son identité, " * 3
    lines = [line(label.strip(" ,"), quantity=123456, price="12.3456"), line("W" * 60, quantity=3, price="0.3850")]
    return replace(content(lines, seller=seller, number="ABCDEF" + "R" * 18 + "-2026-00001"), contestable_until=None)


def many_alphabets() -> Content:
    """More letters than one subset of a font holds."""
    names = ("Đặng Thị Phượng ở Huế", "Ο Παπαδόπουλος και η Ψυχή", "Железнодорожный магазин Ёлка", "Łódź Şişli Győr Čačak Țăndărei")
    lines = [line(name, quantity=rank, price="0.3850", service="") for rank, name in enumerate(names, start=1)]
    return content(lines, seller=replace(COBBLER, name="Фёдор Αλέξανδρος Nguyễn", legal_form="SNC", vat_number="FR21993841311"))


def odd_letters() -> Content:
    """What people type: accents typed apart, letters that the typeface lacks, markup."""
    name = "Epi\u0301cerie <b>& Cie</b> 🥖の本 (\\)"
    return content([line("Colis\t« fragile »", quantity=3, price="0.3850")], seller=replace(GROCER, name=name, trade_name=""))


def forty_lines() -> Content:
    """A year of special services: several pages."""
    lines = [
        line(f"Service particulier n° {rank}", quantity=rank * 7, price=f"0.{rank:02}50", service=f"SP{rank}") for rank in range(1, 41)
    ]
    return content(lines)


GOOD: dict[str, Callable[[], Content]] = {
    "standard": standard,
    "franchise": franchise,
    "mixed": mixed,
    "corrective": lambda: corrective(standard()),
    "credit": lambda: credit(standard()),
    "one_line": lambda: content([line(quantity=3, price="1.0000")]),
}
"""What errors are planted into, by the name that planted_errors.txt has."""

SAMPLES = {
    make.__name__: make
    for make in (standard, franchise, mixed, negative, adjusted, nothing_to_pay, long_names, many_alphabets, odd_letters, forty_lines)
}
