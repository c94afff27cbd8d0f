"""What follows the lines: totals and VAT, how to contest, the mandate, the small print."""

from invoices.document.content import Content
from selfbilling import words
from selfbilling.pen import LEFT, RIGHT, SOFT, Pen, leading, wrap
from selfbilling.typeface import SEMIBOLD

BOTTOM = 277.0  # the footer starts below
_SECOND_COLUMN = 112.0
_ROOM = 78.0
_SMALL = 7.5
_ROW = 5.2


def height(content: Content) -> float:
    """How much room the whole needs, in millimetres."""
    texts = (_contest_sentence(content), _mandate_sentence(content))
    lines = max(len(wrap(text, room=_ROOM, size=9)) for text in texts)
    return _totals_height(content) + 4.8 + lines * leading(9) + 4 + _small_print_height(content)


def draw_closing(pen: Pen, content: Content, *, y: float) -> None:
    """Totals right below the lines, the small print at the foot of the page."""
    _vat_table(pen, content, y=y)
    _totals(pen, content, y=y)
    y += _totals_height(content)
    pen.text("Un désaccord ?", x=LEFT, y=y, size=9, font=SEMIBOLD)
    pen.wrapped(_contest_sentence(content), x=LEFT, y=y + 4.8, room=_ROOM, size=9)
    pen.text("Votre mandat", x=_SECOND_COLUMN, y=y, size=9, font=SEMIBOLD)
    pen.wrapped(_mandate_sentence(content), x=_SECOND_COLUMN, y=y + 4.8, room=_ROOM, size=9)
    _small_print(pen, content)


def _vat_notes(content: Content) -> list[str]:
    notes = [content.mention("franchise") if any(total.category == "E" for total in content.vat_totals) else ""]
    notes.append(content.mention("vat_on_debits") if content.vat_on_debits else "")
    return [note for note in notes if note]


def _totals_height(content: Content) -> float:
    notes = sum(len(wrap(note, room=_ROOM, size=8.5)) for note in _vat_notes(content))
    return max((len(content.vat_totals) + 1) * _ROW + notes * leading(8.5), 3 * _ROW) + 12


def _vat_table(pen: Pen, content: Content, *, y: float) -> None:
    columns = (LEFT + 40, LEFT + 66)
    base = y + 5.5
    pen.text("Taux de TVA", x=LEFT, y=base, size=8, ink=SOFT)
    pen.right("Base HT", x=columns[0], y=base, size=8, ink=SOFT)
    pen.right("Montant de TVA", x=columns[1], y=base, size=8, ink=SOFT)
    for total in content.vat_totals:
        base += _ROW
        pen.text(words.percent(total.rate), x=LEFT, y=base)
        pen.right(words.euros(total.base), x=columns[0], y=base)
        pen.right(words.euros(total.vat), x=columns[1], y=base)
    base += _ROW + 0.6
    for note in _vat_notes(content):
        base = pen.wrapped(note, x=LEFT, y=base, room=_ROOM, size=8.5)


def _totals(pen: Pen, content: Content, *, y: float) -> None:
    base = y + 5.5
    for name, amount in (("Total HT", content.net), ("TVA", content.vat)):
        pen.text(name, x=_SECOND_COLUMN, y=base)
        pen.right(words.euros(amount), x=RIGHT, y=base)
        base += _ROW
    pen.rule(y=base - 3, x=_SECOND_COLUMN)
    pen.text("Total TTC", x=_SECOND_COLUMN, y=base + 1.6, size=10, font=SEMIBOLD)
    pen.right(words.euros(content.gross), x=RIGHT, y=base + 1.6, size=10, font=SEMIBOLD)


def _contest_sentence(content: Content) -> str:
    where = f" : {content.contest_address}" if content.contest_address else ""
    if content.contestable_until is None:
        return f"Contestez cette facture{where}."
    until = words.day(content.contestable_until)
    return f"Contestez cette facture jusqu’au {until} inclus{where}. Sans contestation, elle est acceptée après ce jour."


def _mandate_sentence(content: Content) -> str:
    signed = words.day(content.mandate_signed_on)
    return f"Facture établie selon le mandat de facturation, version {content.mandate_version}, signé le {signed}."


def _small_text(content: Content) -> str:
    codes = ("discount", "penalties", "indemnity", "vat_liability")
    return " ".join(text for text in map(content.mention, codes) if text)


def _small_print_height(content: Content) -> float:
    return len(wrap(_small_text(content), room=RIGHT - LEFT, size=_SMALL)) * leading(_SMALL) + 3


def _small_print(pen: Pen, content: Content) -> None:
    top = BOTTOM - _small_print_height(content) + 4
    pen.wrapped(_small_text(content), x=LEFT, y=top, room=RIGHT - LEFT, size=_SMALL)
