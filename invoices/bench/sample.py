"""Invoices as a network has them, each with its own name and quantities, so that nothing is measured twice over."""

import datetime as dt
from decimal import Decimal
from hashlib import sha256
from uuid import UUID

from invoices.document.content import Content, Mention, Party, VatTotal
from invoices.money import to_cent
from invoices.period import Period
from invoices.specimen import line

_MONTH = Period(dt.date(2026, 10, 1))
_SERVICES = (
    ("LIV", "Colis remis au destinataire", "0.3850"),
    ("LIV", "Colis remis au destinataire", "0.3475"),
    ("DEP", "Colis déposé par un expéditeur", "0.2950"),
    ("RET", "Retour de colis non réclamé", "0.2000"),
    ("GRD", "Garde prolongée", "0.1500"),
)
_OPERATOR = Party(
    name="Réseau Relais Démonstration",
    legal_form="SAS",
    siret="83214567800014",
    vat_number="FR53832145678",
    address_line1="18 avenue du Général-Leclerc",
    postcode="92100",
    city="Boulogne-Billancourt",
    rcs_city="Nanterre",
    share_capital="250 000 €",
)
_MENTIONS = (
    (
        "self_billing",
        "Autofacturation : facture établie par Réseau Relais Démonstration au nom et pour le compte d’Épicerie de l’Étoile, "
        "en vertu du mandat donné par ce dernier.",
    ),
    ("operation", "Prestation de services."),
    (
        "penalties",
        "En cas de retard de paiement : pénalités au taux annuel de 12,15 %, exigibles sans rappel (art. L441-10 du code de commerce).",
    ),
    (
        "indemnity",
        "Indemnité forfaitaire pour frais de recouvrement en cas de retard de paiement : 40 € (art. D441-5 du code de commerce).",
    ),
    ("discount", "Pas d’escompte pour paiement anticipé."),
    (
        "vat_liability",
        "Le point relais reste redevable de la TVA mentionnée sur cette facture et responsable de ses obligations de facturation.",
    ),
)


def invoice(rank: int) -> Content:
    """The invoice of relay number `rank`, October 2026: five lines, VAT at 20 %, a code with a token of its own."""
    lines = tuple(
        line(code, label, 40 + (rank * 37 + place * 101) % 900, price, month=_MONTH) for place, (code, label, price) in enumerate(_SERVICES)
    )
    net = sum((one.net for one in lines), Decimal(0))
    vat = to_cent(net / 5)
    number = f"R{rank:04}-2026-00011"
    return Content(
        number=number,
        issue_date=dt.date(2026, 11, 2),
        due_date=dt.date(2026, 12, 2),
        period_first=_MONTH.first,
        period_last=_MONTH.last,
        seller=_relay(rank),
        buyer=_OPERATOR,
        lines=lines,
        vat_totals=(VatTotal(category="S", rate=Decimal("20.00"), base=net, vat=vat),),
        net=net,
        vat=vat,
        gross=net + vat,
        relay_code=f"R{rank:04}",
        mandate_version="2025-1",
        mandate_signed_on=dt.date(2025, 11, 15),
        contestable_until=dt.date(2026, 12, 2),
        mentions=tuple(Mention(code=code, text=text) for code, text in _MENTIONS),
        contest_address="relais.example/factures ou relais@reseau-relais.example",
        support="relais@reseau-relais.example · 01 99 00 12 34",
        verify_url=f"https://relais.example/v/{UUID(bytes=sha256(number.encode()).digest()[:16])}/",
        test=True,
    )


def _relay(rank: int) -> Party:
    return Party(
        name=f"Épicerie de l’Étoile n° {rank}",
        trade_name=f"L’Étoile {rank}",
        legal_form="SARL",
        siret="28724467700848",
        vat_number="FR11287244677",
        address_line1=f"{rank} rue de l’Œuvre",
        postcode="78460",
        city="Chevreuse",
        rcs_city="Versailles",
        share_capital="8 000 €",
        iban="FR7690059324024422242085611",
    )
