"""Puts the pages together: which rows stand on which, and what every page has."""

from typing import Any

from invoices.document.content import Content
from invoices.document.page import closing, table
from invoices.document.page.head import SHORT_HEIGHT, draw_head, draw_short_head
from invoices.document.page.table import Row
from selfbilling.pen import ACCENT, LEFT, RIGHT, SOFT, Pen
from selfbilling.typeface import SEMIBOLD

_FOOTER = 284.0


def draw(canvas: Any, content: Content) -> None:
    """Draw the whole invoice on a ReportLab canvas of A4 pages; the caller saves it."""
    pen = Pen(canvas)
    _marks(pen, content)
    y = draw_head(pen, content)
    pages = paginated(table.rows(content.lines), first=y, closing_height=closing.height(content))
    for rank, rows in enumerate(pages, start=1):
        if rank > 1:
            pen.turn()
            _marks(pen, content)
            y = draw_short_head(pen, content)
        if rows:
            y = table.draw_heading(pen, y=y)
        for row in rows:
            y = table.draw_row(pen, row, y=y)
        if rank == len(pages):
            closing.draw_closing(pen, content, y=y)
        _footer(pen, content, page=rank, pages=len(pages))
    pen.turn()


def paginated(rows: list[Row], *, first: float, closing_height: float) -> list[list[Row]]:
    """The rows of each page; the last page, perhaps without a row, has room for what closes the invoice."""
    pages: list[list[Row]] = [[]]
    y = first + table.HEADING_HEIGHT
    for row in rows:
        if y + row.height > closing.BOTTOM and pages[-1]:
            pages.append([])
            y = SHORT_HEIGHT + table.HEADING_HEIGHT
        pages[-1].append(row)
        y += row.height
    if y + closing_height > closing.BOTTOM:
        pages.append([pages[-1].pop()] if len(pages[-1]) > 1 else [])  # a total never stands alone on its page
    return pages


def _footer(pen: Pen, content: Content, *, page: int, pages: int) -> None:
    pen.rule(y=_FOOTER - 4)
    pen.fitted(content.support, x=LEFT, y=_FOOTER, room=110, size=8, ink=SOFT)
    pen.right(f"Facture {content.number}, page {page}/{pages}", x=RIGHT, y=_FOOTER, size=8, ink=SOFT)


def _marks(pen: Pen, content: Content) -> None:
    """TEST or PROJET, twice: large under the text, and in words on top that a photocopier cannot lose."""
    if content.draft:
        word, sense = "PROJET", "PROJET : facture non émise, sans valeur"
    elif content.test:
        word, sense = "TEST", "TEST : cachet d’essai, sans valeur"
    else:
        return
    pen.watermark(word)
    pen.text(sense, x=LEFT, y=11, size=9, font=SEMIBOLD, ink=ACCENT)
