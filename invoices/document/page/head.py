"""The upper half of the first page: what it is, whose it is, in the envelope's window, how much and when."""

from invoices.document.content import Content, Party, Preceding
from invoices.document.kinds import KINDS
from invoices.document.page.letterhead import draw_letterhead
from invoices.document.page.naming import self_billed, title
from invoices.document.page.tagging import TaggedPen
from selfbilling import words
from selfbilling.pen import LEFT, RIGHT, SOFT, leading, wrap
from selfbilling.typeface import SEMIBOLD

# The window of a DL or C5 envelope: 45 to 80 mm from the top, on the right. Nothing but the address may stand in it,
# however the sheet slips, so the left column ends well before. It stands on every copy: one that was e-mailed and came
# back is posted as it is.
ADDRESS_LEFT, ADDRESS_TOP = 112.0, 53.0
_ADDRESS_ROOM = 76.0
_ADDRESS_HEIGHT = 29.0
_COLUMN = 72.0
_FEW = 2  # earlier invoices
SHORT_HEIGHT = 28.0
_LETTERHEAD_TOP = 11.0
_PARTIES_TOP = 88.0
_PARTY_ROOM = 78.0
_SECOND_COLUMN = 112.0


def draw_head(pen: TaggedPen, content: Content) -> float:
    """Draw it; returns the y below which the lines may start."""
    _title(pen, content)
    top = max(_PARTIES_TOP, _facts(pen, content) + 4)
    if self_billed(content):
        above = 0 if content.letterhead.logo else 6  # a name alone stands level with the title
        draw_letterhead(pen, content, x=ADDRESS_LEFT, y=_LETTERHEAD_TOP + above, room=_ADDRESS_ROOM)
        headings = ("Vendeur : votre point relais", "Acheteur : établit cette facture")
    else:
        headings = ("Vendeur : établit ce document", "Acheteur")
    _address(pen, content.seller)
    bottom = max(
        _party(pen, content.seller, heading=headings[0], x=LEFT, y=top),
        _party(pen, content.buyer, heading=headings[1], x=_SECOND_COLUMN, y=top),
    )
    return _many_corrected(pen, content, y=_amount(pen, content, y=bottom))


def _title(pen: TaggedPen, content: Content) -> None:
    with pen.element("H1"):
        pen.text(title(content), x=LEFT, y=22, size=17, font=SEMIBOLD, ink=pen.colour)
    with pen.element("P"):
        pen.fitted(f"N°{words.FIXED}{content.number}", x=LEFT, y=30, room=_COLUMN, size=12, font=SEMIBOLD, smallest=0.7)


def _facts(pen: TaggedPen, content: Content) -> float:
    facts = (
        ("Date d’émission", words.day(content.issue_date)),
        *_corrected(content),
        ("Période", words.span(content.period_first, content.period_last)),
        ("Échéance", words.day(content.due_date)),
        ("Point relais", content.relay_code),
        ("Opération", content.mention("operation")),
    )
    y = 39.0
    for name, value in facts:
        if value:
            with pen.element("P"):
                pen.text(f"{name} ", x=LEFT, y=y, size=8.5, ink=SOFT)
                y = pen.fitted(value, x=LEFT + 27, y=y, room=_COLUMN - 27, size=9) + 0.4
    if not self_billed(content):
        return y
    with pen.element("P"):
        return pen.wrapped(content.mention("self_billing"), x=LEFT, y=y + 2, room=_COLUMN, size=8)


def _corrected(content: Content) -> list[tuple[str, str]]:
    """The earlier invoices that this one corrects, each with its date (BG-3; CGI art. 289 I-5); how many, if they are many."""
    relation = "Avoir sur" if KINDS[content.type_code].credits else "Rectifie"
    if len(content.corrects) > _FEW:
        return [(relation, f"{len(content.corrects)} factures, voir ci-dessous")]
    return [(relation, f"facture {_dated(earlier)}") for earlier in content.corrects]


def _dated(earlier: Preceding) -> str:
    return f"{earlier.number} du{words.FIXED}{words.day(earlier.issue_date)}"


def _many_corrected(pen: TaggedPen, content: Content, *, y: float) -> float:
    """All of them in one sentence over the whole width, where they are too many for the column beside the window."""
    if len(content.corrects) <= _FEW:
        return y
    sentence = f"Avoir sur les factures {', '.join(map(_dated, content.corrects))}."
    with pen.element("P"):
        return pen.wrapped(sentence, x=LEFT, y=y + 3, room=RIGHT - LEFT, size=8.5) - 1


def _address(pen: TaggedPen, seller: Party) -> None:
    """What the postman reads, the town in capitals; as small as it must be to stay in the window, whatever is long."""
    street = (seller.official_name, _trade_name(seller), seller.address_line1, seller.address_line2)
    block = [line for line in (*street, f"{seller.postcode} {seller.city.upper()}") if line]
    for size in (10.0, 9.0, 8.0, 7.0):
        lines = [piece for line in block for piece in wrap(line, room=_ADDRESS_ROOM, size=size)]
        if len(lines) * leading(size) <= _ADDRESS_HEIGHT:
            break
    with pen.element("P"):
        for rank, line in enumerate(lines):
            pen.text(line, x=ADDRESS_LEFT, y=ADDRESS_TOP + rank * leading(size), size=size)


def _party(pen: TaggedPen, party: Party, *, heading: str, x: float, y: float) -> float:
    with pen.element("H2"):
        pen.text(heading, x=x, y=y, size=8.5, ink=SOFT)
    with pen.element("P"):
        y = pen.fitted(party.official_name, x=x, y=y + 4.8, room=_PARTY_ROOM, size=10, font=SEMIBOLD)
        for line in _who(party):
            if line:
                y = pen.wrapped(line, x=x, y=y, room=_PARTY_ROOM, size=8.5)
    return y


def _who(party: Party) -> tuple[str, ...]:
    """Where it is, what it is, under which numbers (CGI ann. II art. 242 nonies A I-1° to 3°; C. com. R123-237)."""
    capital = party.share_capital
    form = party.form_and_capital.removesuffix(capital) + capital.replace(" ", words.FIXED)
    register = f", RCS {party.rcs_city}" if party.rcs_city else ""
    siren = f"SIREN {words.in_groups(party.siren, 3)}{register}"
    vat_number = f"  ·  N°{words.FIXED}TVA {words.in_groups(party.vat_number, 4, 3)}" if party.vat_number else ""
    siret = f"SIRET {words.in_groups(party.siret, 3, 3, 3, 5)}{vat_number}"
    return (_trade_name(party), party.address_line1, party.address_line2, f"{party.postcode} {party.city}", form, siren, siret)


def _trade_name(party: Party) -> str:
    """The sign over the shop's door, where it says more than the legal name."""
    return "" if party.trade_name.casefold() in party.name.casefold() else party.trade_name


def _amount(pen: TaggedPen, content: Content, *, y: float) -> float:
    """How much, large and once; when, and on which account."""
    pen.rule(y=y, ink=pen.line)
    with pen.element("H2"):
        pen.text(_whose(content), x=LEFT, y=y + 5.2, size=9, ink=SOFT)
    with pen.element("P"):
        pen.text(words.euros(content.gross), x=LEFT, y=y + 15.4, size=28, font=SEMIBOLD, ink=pen.colour)
    when, account = _payment(content)
    with pen.element("P"):
        below = pen.fitted(when, x=_SECOND_COLUMN, y=y + 9, room=_PARTY_ROOM, size=11, font=SEMIBOLD)
        if account:
            pen.fitted(account, x=_SECOND_COLUMN, y=below + 0.6, room=RIGHT - _SECOND_COLUMN, size=9)
    return y + 19.5


def _whose(content: Content) -> str:
    if self_billed(content):
        return "Nous vous versons"
    return "Montant de l’avoir" if KINDS[content.type_code].credits else "Montant à recevoir par le vendeur"


def _payment(content: Content) -> tuple[str, str]:
    if not content.gross:
        return "Rien à verser pour cette période.", ""
    if KINDS[content.type_code].credits:
        return "En faveur de l’acheteur", ""
    when = f"Virement le {words.day(content.due_date)}"
    iban = content.seller.iban
    if not iban and not self_billed(content):
        return when, ""
    return when, f"IBAN {words.in_groups(iban, 4)}" if iban else "Il nous manque votre IBAN : donnez-le-nous."


def draw_short_head(pen: TaggedPen, content: Content) -> float:
    """What stands on top of every page but the first, and is read out on the first; returns the y for what goes on."""
    with pen.artifact():
        pen.text(title(content), x=LEFT, y=18, size=10, font=SEMIBOLD, ink=pen.colour)
        pen.right(f"{content.number}, suite", x=RIGHT, y=18, size=9)
        pen.fitted(
            f"{content.seller.official_name}  ·  {words.span(content.period_first, content.period_last)}",
            x=LEFT, y=18 + leading(10), room=RIGHT - LEFT, size=8.5, ink=SOFT,
        )  # fmt: skip
    return SHORT_HEIGHT
