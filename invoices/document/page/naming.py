"""What each kind of invoice is called on the page and in the file (BT-3; see document/kinds.py)."""

from invoices.document.content import Content
from invoices.document.kinds import KINDS

_TITLES = {"389": "FACTURE — Autofacturation", "384": "FACTURE RECTIFICATIVE", "381": "AVOIR"}
_NAMES = {"389": "Facture", "384": "Facture rectificative", "381": "Avoir"}


def title(content: Content) -> str:
    """« FACTURE — Autofacturation » where the buyer makes it out (CGI ann. II art. 242 nonies A I-14°), never else."""
    return _TITLES[content.type_code]


def name(content: Content) -> str:
    """« Facture », « Facture rectificative », « Avoir »."""
    return _NAMES[content.type_code]


def self_billed(content: Content) -> bool:
    """Whether the buyer makes it out, on its own paper and under the mandate; else it speaks for the seller."""
    return KINDS[content.type_code].self_billed
