"""What follows the lines: totals and VAT, how to contest, the mandate, the QR code, the small print."""

from invoices.document.content import Content
from invoices.document.page.naming import self_billed
from invoices.document.page.qr import draw_code
from invoices.document.page.tagging import HEADING, ROW_HEADING, TaggedPen
from selfbilling import words
from selfbilling.pen import LEFT, RIGHT, SOFT, leading, wrap
from selfbilling.typeface import REGULAR, SEMIBOLD

BOTTOM = 278.0  # the footer starts below
_SECOND_COLUMN = 112.0
_VAT_ROOM = 78.0
_GUTTER = 6.0
_SIZE = 8.5
_SMALL = 7.2
_ROW = 5.0
_CODE = 23.0  # with its quiet zone: modules of half a millimetre outlive a photocopier
_CODE_HEIGHT = _CODE + 4.0  # and its caption


def height(content: Content) -> float:
    """How much room the whole needs, in millimetres."""
    return _totals_height(content) + _foot_height(content)


def draw_closing(pen: TaggedPen, content: Content, *, y: float) -> None:
    """Totals right below the lines, the rest at the foot of the page."""
    with pen.element("Table"):
        _vat_table(pen, content, y=y)
    _draw_notes(pen, content, y=y)
    with pen.element("Table"):
        _totals(pen, content, y=y)
    top = BOTTOM - _foot_height(content)
    y = top + 3
    x = LEFT
    for heading, text, room in _texts(content):
        with pen.element("H2"):
            pen.text(heading, x=x, y=y, size=_SIZE, font=SEMIBOLD)
        with pen.element("P"):
            pen.wrapped(text, x=x, y=y + leading(_SIZE) + 0.2, room=room, size=_SIZE)
        x += room + _GUTTER
    if content.verify_url:
        corner = BOTTOM - _CODE_HEIGHT
        draw_code(pen, content.verify_url, x=RIGHT - _CODE, y=corner, size=_CODE)
        with pen.element("P"):
            pen.right("Vérifier cette facture", x=RIGHT, y=corner + _CODE + 2.6, size=7)
    _small_print(pen, content)


def _vat_notes(content: Content) -> list[str]:
    notes = [content.mention("franchise") if any(total.category == "E" for total in content.vat_totals) else ""]
    notes.append(content.mention("vat_on_debits") if content.vat_on_debits else "")
    return [note for note in notes if note]


def _totals_height(content: Content) -> float:
    notes = sum(len(wrap(note, room=_VAT_ROOM, size=_SIZE)) for note in _vat_notes(content))
    return max((len(content.vat_totals) + 1) * _ROW + notes * leading(_SIZE), 3 * _ROW) + 5


def _vat_table(pen: TaggedPen, content: Content, *, y: float) -> None:
    columns = (LEFT + 40, LEFT + 66)
    base = y + 5.5
    with pen.element("TR"):
        with pen.element("TH", HEADING):
            pen.text("Taux de TVA", x=LEFT, y=base, size=8, ink=SOFT)
        for name, x in (("Base HT", columns[0]), ("Montant de TVA", columns[1])):
            with pen.element("TH", HEADING):
                pen.right(name, x=x, y=base, size=8, ink=SOFT)
    for total in content.vat_totals:
        base += _ROW
        with pen.element("TR"):
            with pen.element("TH", ROW_HEADING):
                pen.text(words.percent(total.rate), x=LEFT, y=base)
            for amount, x in ((total.base, columns[0]), (total.vat, columns[1])):
                with pen.element("TD"):
                    pen.right(words.euros(amount), x=x, y=base)


def _draw_notes(pen: TaggedPen, content: Content, *, y: float) -> None:
    base = y + 6.1 + (len(content.vat_totals) + 1) * _ROW
    for note in _vat_notes(content):
        with pen.element("P"):
            base = pen.wrapped(note, x=LEFT, y=base, room=_VAT_ROOM, size=_SIZE)


def _totals(pen: TaggedPen, content: Content, *, y: float) -> None:
    base = y + 5.5
    totals = (("Total HT", content.net, 9.0, REGULAR), ("TVA", content.vat, 9.0, REGULAR), ("Total TTC", content.gross, 10.0, SEMIBOLD))
    for name, amount, size, font in totals:
        if font is SEMIBOLD:
            pen.rule(y=base - 3.2, x=_SECOND_COLUMN, ink=pen.line)
            base += 1.4
        with pen.element("TR"):
            with pen.element("TH", ROW_HEADING):
                pen.text(name, x=_SECOND_COLUMN, y=base, size=size, font=font)
            with pen.element("TD"):
                pen.right(words.euros(amount), x=RIGHT, y=base, size=size, font=font)
        base += _ROW


def _texts(content: Content) -> list[tuple[str, str, float]]:
    """What goes with the mandate, each with its width; an invoice of the relay's own has neither (CGI ann. II art. 242 nonies I)."""
    if not self_billed(content):
        return []
    wide = (_room(content) - _GUTTER) * 0.6
    narrow = _room(content) - _GUTTER - wide
    return [("Un désaccord ?", _contest_sentence(content), wide), ("Votre mandat", _mandate_sentence(content), narrow)]


def _contest_sentence(content: Content) -> str:
    where = f" : {content.contest_address}" if content.contest_address else ""
    if content.contestable_until is None:
        return f"Contestez cette facture{where}."
    until = words.day(content.contestable_until)
    return f"Contestez cette facture jusqu’au {until} inclus{where}. Sans contestation, elle est acceptée après ce jour."


def _mandate_sentence(content: Content) -> str:
    signed = words.day(content.mandate_signed_on)
    return f"Facture établie selon le mandat de facturation, version {content.mandate_version}, signé le {signed}."


def _room(content: Content) -> float:
    """How wide the foot is beside the code."""
    return RIGHT - LEFT - (_CODE + 3 if content.verify_url else 0)


def _foot_height(content: Content) -> float:
    sentences = [len(wrap(text, room=room, size=_SIZE)) for _, text, room in _texts(content)]
    columns = (1 + max(sentences)) * leading(_SIZE) + 3 if sentences else 0
    return max(4 + columns + _small_print_height(content), _CODE_HEIGHT + 2 if content.verify_url else 0)


def _small_paragraphs(content: Content) -> list[str]:
    """The operator's own lines, then the law's in one block, then where the code leads, for those who type."""
    own = content.letterhead.footer.splitlines() if self_billed(content) else []
    codes = ("discount", "penalties", "indemnity", *(["vat_liability"] if self_billed(content) else []))
    law = " ".join(text for text in map(content.mention, codes) if text)
    where = f"Vérifier cette facture : {content.verify_url}" if content.verify_url else ""
    return [text for text in (*own, law, where) if text]


def _small_print_height(content: Content) -> float:
    return sum(len(wrap(text, room=_room(content), size=_SMALL)) for text in _small_paragraphs(content)) * leading(_SMALL)


def _small_print(pen: TaggedPen, content: Content) -> None:
    y = BOTTOM - _small_print_height(content) + 2
    for text in _small_paragraphs(content):
        with pen.element("P"):
            y = pen.wrapped(text, x=LEFT, y=y, room=_room(content), size=_SMALL)
