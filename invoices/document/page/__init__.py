"""The page that a shopkeeper reads: A4, in French, drawn on a ReportLab canvas, each thing with what it is.

sheet.py puts the pages together; head.py, table.py, closing.py and annex.py are what stands on them, from top to
bottom, with letterhead.py and qr.py; naming.py has what each kind of invoice is called; tagging.py is the pen.
"""

from invoices.document.page.naming import name
from invoices.document.page.sheet import draw
from invoices.document.page.tagging import Element, TaggedPen

__all__ = ["Element", "TaggedPen", "draw", "name"]
