"""The upper half of the first page: what it is, whose it is, in the envelope's window, how much and when."""

from invoices.document.content import Content, Party
from selfbilling import words
from selfbilling.pen import ACCENT, LEFT, RIGHT, SOFT, Pen, leading, wrap
from selfbilling.typeface import SEMIBOLD

# The window of a DL or C5 envelope: 45 to 80 mm from the top, on the right. Nothing but the address may stand in it,
# however the sheet slips, so the left column ends well before.
ADDRESS_LEFT, ADDRESS_TOP = 112.0, 53.0
_ADDRESS_ROOM = 76.0
_ADDRESS_HEIGHT = 29.0
_COLUMN = 72.0
SHORT_HEIGHT = 28.0
_PARTIES_TOP = 91.0
_PARTY_ROOM = 78.0
_SECOND_COLUMN = 112.0
_TITLES = {"389": ("FACTURE", "Autofacturation")}


def draw_head(pen: Pen, content: Content) -> float:
    """Draw it; returns the y below which the lines may start."""
    _title(pen, content)
    _letterhead(pen, content)
    top = max(_PARTIES_TOP, _facts(pen, content) + 4)
    _address(pen, content.seller)
    bottom = max(
        _party(pen, content.seller, heading="Vendeur : votre point relais", x=LEFT, y=top),
        _party(pen, content.buyer, heading="Acheteur : établit cette facture", x=_SECOND_COLUMN, y=top),
    )
    return _amount(pen, content, y=bottom + 1)


def _title(pen: Pen, content: Content) -> None:
    kind, manner = _TITLES[content.type_code]
    pen.text(f"{kind} — {manner}", x=LEFT, y=22, size=17, font=SEMIBOLD, ink=ACCENT)
    pen.fitted(f"N°{words.FIXED}{content.number}", x=LEFT, y=30, room=_COLUMN, size=12, font=SEMIBOLD, smallest=0.7)


def _letterhead(pen: Pen, content: Content) -> None:
    y = pen.fitted(content.buyer.trade_name or content.buyer.name, x=ADDRESS_LEFT, y=21, room=_ADDRESS_ROOM, size=11, font=SEMIBOLD)
    if content.support:
        pen.fitted(content.support, x=ADDRESS_LEFT, y=y, room=_ADDRESS_ROOM, size=8, ink=SOFT)


def _facts(pen: Pen, content: Content) -> float:
    facts = (
        ("Date d’émission", words.day(content.issue_date)),
        ("Période", words.span(content.period_first, content.period_last)),
        ("Échéance", words.day(content.due_date)),
        ("Point relais", content.relay_code),
        ("Opération", content.mention("operation")),
    )
    y = 40.0
    for name, value in facts:
        if value:
            pen.text(name, x=LEFT, y=y, size=8.5, ink=SOFT)
            y = pen.fitted(value, x=LEFT + 27, y=y, room=_COLUMN - 27, size=9) + 0.6
    return pen.wrapped(content.mention("self_billing"), x=LEFT, y=y + 2.4, room=_COLUMN, size=8)


def _address(pen: Pen, seller: Party) -> None:
    """What the postman reads, the town in capitals; as small as it must be to stay in the window, whatever is long."""
    street = (seller.official_name, _trade_name(seller), seller.address_line1, seller.address_line2)
    block = [line for line in (*street, f"{seller.postcode} {seller.city.upper()}") if line]
    for size in (10.0, 9.0, 8.0, 7.0):
        lines = [piece for line in block for piece in wrap(line, room=_ADDRESS_ROOM, size=size)]
        if len(lines) * leading(size) <= _ADDRESS_HEIGHT:
            break
    for rank, line in enumerate(lines):
        pen.text(line, x=ADDRESS_LEFT, y=ADDRESS_TOP + rank * leading(size), size=size)


def _party(pen: Pen, party: Party, *, heading: str, x: float, y: float) -> float:
    pen.text(heading, x=x, y=y, size=8.5, ink=SOFT)
    y = pen.fitted(party.official_name, x=x, y=y + 5, room=_PARTY_ROOM, size=10, font=SEMIBOLD)
    form = party.form_and_capital.replace(" €", f"{words.FIXED}€")
    register = f", RCS {party.rcs_city}" if party.rcs_city else ""
    siren = f"SIREN {words.in_groups(party.siren, 3)}{register}"
    siret = f"SIRET {words.in_groups(party.siret, 3, 3, 3, 5)}"
    vat_number = f"N° TVA {words.in_groups(party.vat_number, 4, 3)}" if party.vat_number else ""
    town = f"{party.postcode} {party.city}"
    lines = (_trade_name(party), party.address_line1, party.address_line2, town, form, siren, siret, vat_number)
    for line in lines:
        if line:
            y = pen.wrapped(line, x=x, y=y, room=_PARTY_ROOM, size=8.5)
    return y


def _trade_name(party: Party) -> str:
    """The sign over the shop's door, where it says more than the legal name."""
    return "" if party.trade_name.casefold() in party.name.casefold() else party.trade_name


def _amount(pen: Pen, content: Content, *, y: float) -> float:
    pen.rule(y=y)
    pen.text("Nous vous versons", x=LEFT, y=y + 6, size=9, ink=SOFT)
    pen.text(words.euros(content.gross), x=LEFT, y=y + 17, size=30, font=SEMIBOLD, ink=ACCENT)
    if not content.gross:
        pen.fitted("Rien à verser pour cette période.", x=_SECOND_COLUMN, y=y + 11, room=_PARTY_ROOM, size=10)
        return y + 24
    when = f"Virement le {words.day(content.due_date)}"
    below = pen.fitted(when, x=_SECOND_COLUMN, y=y + 10, room=_PARTY_ROOM, size=11, font=SEMIBOLD)
    iban = content.seller.iban
    account = f"IBAN {words.in_groups(iban, 4)}" if iban else "Il nous manque votre IBAN : donnez-le-nous."
    pen.fitted(account, x=_SECOND_COLUMN, y=below + 0.6, room=RIGHT - _SECOND_COLUMN, size=9)
    return y + 24


def draw_short_head(pen: Pen, content: Content) -> float:
    """What stands on top of every page but the first; returns the y below which lines may go on."""
    kind, manner = _TITLES[content.type_code]
    pen.text(f"{kind} — {manner}", x=LEFT, y=18, size=10, font=SEMIBOLD, ink=ACCENT)
    pen.right(f"{content.number}, suite", x=RIGHT, y=18, size=9)
    pen.fitted(
        f"{content.seller.official_name}  ·  {words.span(content.period_first, content.period_last)}",
        x=LEFT, y=18 + leading(10), room=RIGHT - LEFT, size=8.5, ink=SOFT,
    )  # fmt: skip
    return SHORT_HEIGHT
