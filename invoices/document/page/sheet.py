"""Puts the pages together: which rows stand on which, and what every page has."""

from decimal import Decimal
from typing import Any

from invoices.document.content import Content
from invoices.document.page import annex, closing, letterhead, table
from invoices.document.page.head import SHORT_HEIGHT, draw_head, draw_short_head
from invoices.document.page.naming import name, self_billed
from invoices.document.page.table import Row
from invoices.document.page.tagging import TaggedPen
from selfbilling.pen import INK, LEFT, RIGHT, SOFT
from selfbilling.typeface import SEMIBOLD

_FOOTER = 284.0


def draw(canvas: Any, content: Content) -> TaggedPen:
    """Draw the whole invoice on a ReportLab canvas of A4 pages; returns the pen, which knows what each thing is.

    The caller writes that into the file (structure.py) and saves it. Raises BadLogo.
    """
    pen = TaggedPen(canvas, colour=letterhead.colour(content) if self_billed(content) else INK)
    _marks(pen, content)
    y = draw_head(pen, content)
    pages = paginated(table.rows(content.lines), first=y, closing_height=closing.height(content))
    annexed = annex.sheets(content)
    count = len(pages) + len(annexed)
    with pen.element("Table"):
        y = _lines(pen, content, pages, y=y, count=count)
    closing.draw_closing(pen, content, y=y)
    for rank, sheet in enumerate(annexed, start=len(pages) + 1):
        _turned(pen, content, page=rank - 1, pages=count)
        annex.draw_sheet(pen, content, sheet, y=SHORT_HEIGHT)
    _footer(pen, content, page=count, pages=count)
    pen.turn()
    return pen


def _lines(pen: TaggedPen, content: Content, pages: list[list[Row]], *, y: float, count: int) -> float:
    """One table over these pages, its heading and what is carried repeated; returns where the last row ends."""
    carried = Decimal(0)
    y = table.draw_heading(pen, y=y)
    for rank, rows in enumerate(pages, start=1):
        if rank > 1:
            table.draw_carried(pen, "À reporter", carried, y=y)
            y = _turned(pen, content, page=rank - 1, pages=count)
            y = table.draw_heading_again(pen, y=y)
            y = table.draw_carried(pen, "Report", carried, y=y)
        for row in rows:
            y = row.draw(pen, y=y)
            carried += row.net
    return y


def paginated(groups: list[tuple[Row, ...]], *, first: float, closing_height: float) -> list[list[Row]]:
    """The rows of each page, groups whole; the last page, perhaps without a row, has room for what closes the invoice.

    first: where the heading of the lines stands on the first page, in millimetres; the other pages carry an amount.
    """
    pages: list[list[tuple[Row, ...]]] = [[]]
    y = first + table.HEADING_HEIGHT
    for group in groups:
        height = sum(row.height for row in group)
        if y + height + table.CARRIED_HEIGHT > closing.BOTTOM and pages[-1]:
            pages.append([])
            y = SHORT_HEIGHT + table.HEADING_HEIGHT + table.CARRIED_HEIGHT
        pages[-1].append(group)
        y += height
    if y + closing_height > closing.BOTTOM:
        pages.append([pages[-1].pop()] if len(pages[-1]) > 1 else [])  # a total never stands alone on its page
    return [[row for group in page for row in group] for page in pages]


def _turned(pen: TaggedPen, content: Content, *, page: int, pages: int) -> float:
    """End that page, begin the next; returns the y below which it goes on."""
    _footer(pen, content, page=page, pages=pages)
    pen.turn()
    with pen.artifact():
        _marks(pen, content)
    return draw_short_head(pen, content)


def _footer(pen: TaggedPen, content: Content, *, page: int, pages: int) -> None:
    pen.rule(y=_FOOTER - 4, ink=pen.line)
    with pen.artifact():
        if self_billed(content):
            pen.fitted(content.support, x=LEFT, y=_FOOTER, room=110, size=8, ink=SOFT)
        pen.right(f"{name(content)} {content.number}, page {page}/{pages}", x=RIGHT, y=_FOOTER, size=8, ink=SOFT)


def _marks(pen: TaggedPen, content: Content) -> None:
    """TEST or PROJET, twice: large under the text, and in words on top that a photocopier cannot lose."""
    if content.draft:
        word, sense = "PROJET", "PROJET : facture non émise, sans valeur"
    elif content.test:
        word, sense = "TEST", "TEST : cachet d’essai, sans valeur"
    else:
        return
    pen.watermark(word)
    with pen.element("P"):
        pen.text(sense, x=LEFT, y=12, size=9, font=SEMIBOLD, ink=pen.colour)
