"""The page that a shopkeeper reads: A4, in French, drawn on a ReportLab canvas.

sheet.py puts the pages together; head.py, table.py and closing.py are what stands on them, from top to bottom;
pen.py draws, words.py writes amounts and days as the French do.
"""

from invoices.document.page.sheet import draw

__all__ = ["draw"]
