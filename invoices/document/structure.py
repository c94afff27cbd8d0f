"""What each thing on the pages is, as objects of the file: the structure tree (ISO 32000-1 §14.7, ISO 14289-1)."""

from typing import Any

from reportlab.pdfbase.pdfdoc import PDFDictionary, PDFName

from invoices.document.page import Element, TaggedPen
from selfbilling import typeface


def write(document: Any, pen: TaggedPen) -> None:
    """Add what the pen knows to a document whose pages are drawn: structure tree, parent tree, marks of catalog and pages."""
    pages = [_number(document, page.__InternalName__) for page in document.Pages.pages]
    first = document.objectcounter + 1  # ours follow one another, in reading order; the tree's root is the last
    root = first + len(pen.elements)
    for element in pen.elements:
        document.Reference(typeface.Ready(_element(element, first=first, root=root, pages=pages)))
    document.Catalog.StructTreeRoot = document.Reference(typeface.Ready(_root(pen, first=first)))
    document.Catalog.MarkInfo = PDFDictionary({"Marked": "true"})
    document.Catalog.ViewerPreferences = PDFDictionary({"DisplayDocTitle": "true"})
    for rank, page in enumerate(document.Pages.pages):
        page.__NoDefault__ = [*page.__NoDefault__, "StructParents", "Tabs"]
        page.StructParents, page.Tabs = rank, PDFName("S")


def _number(document: Any, name: str) -> int:
    number: int = document.idToObjectNumberAndVersion[name][0]
    return number


def _element(element: Element, *, first: int, root: int, pages: list[int]) -> bytes:
    """One element. What is drawn of it stands on one page: only tables go on, and their cells do not."""
    parent = root if element.parent < 0 else first + element.parent
    page = next((f"/Pg {pages[kid[0]]} 0 R" for kid in element.kids if isinstance(kid, tuple)), "")
    kids = " ".join(str(kid[1]) if isinstance(kid, tuple) else f"{first + kid} 0 R" for kid in element.kids)
    return f"<</S/{element.kind}/P {parent} 0 R{page}{element.entries}/K[{kids}]>>".encode()


def _root(pen: TaggedPen, *, first: int) -> bytes:
    """The tree's root, with the way back from each page's marked content to its element."""
    back = " ".join(f"{page} [{' '.join(f'{first + element} 0 R' for element in elements)}]" for page, elements in enumerate(pen.pages))
    return f"<</Type/StructTreeRoot/K {first} 0 R/ParentTree<</Nums[{back}]>>/ParentTreeNextKey {len(pen.pages)}>>".encode()
