"""Small errors put into a good invoice's XML."""

import re
from copy import deepcopy
from pathlib import Path

from lxml import etree

NAMES = {
    "rsm": "urn:un:unece:uncefact:data:standard:CrossIndustryInvoice:100",
    "ram": "urn:un:unece:uncefact:data:standard:ReusableAggregateBusinessInformationEntity:100",
    "udt": "urn:un:unece:uncefact:data:standard:UnqualifiedDataType:100",
    "qdt": "urn:un:unece:uncefact:data:standard:QualifiedDataType:100",
}
_DEED = re.compile(r"(?P<at>\S+) (?P<deed>gone|twice|= .*|\+ .*|@.*)", re.DOTALL)


class NothingThere(LookupError):  # noqa: N818
    """The invoice has no such element."""


def planted_errors() -> dict[str, tuple[str, list[str]]]:
    """By rule: which of contents.GOOD breaks it, and by which edits."""
    text = Path(__file__).with_name("planted_errors.txt").read_text(encoding="utf-8")
    rows = [row.split(" | ") for row in text.splitlines() if not row.startswith("#")]
    return {rule: (sample, edits.split(" & ")) for rule, sample, edits in rows}


def planted(xml: bytes, *edits: str) -> bytes:
    """The invoice with these edits made, one after the other; each is "path deed", done to the first element at that path.

    path: an XPath, or the last names of one without prefixes (SellerTradeParty/Name, IncludedNote[2]).
    Raises NothingThere. deed: "gone", "twice", "= text", "@name gone", "@name = value", or "+ <element>" (put inside, in front).
    """
    root = etree.fromstring(xml)
    for edit in edits:
        words = _DEED.fullmatch(edit)
        assert words, edit
        _do(words["deed"], _first(root, words["at"]))
    return etree.tostring(root, encoding="UTF-8", xml_declaration=True)


def _first(root: etree._Element, at: str) -> etree._Element:
    path = at if at.startswith("/") else "//" + re.sub(r"(\w+)", r"*[local-name()='\1']", re.sub(r"\[(\d)\]", "", at))
    found = root.xpath(path, namespaces=NAMES)
    assert isinstance(found, list)
    rank = re.search(r"\[(\d)\]", at)
    place = int(rank[1]) - 1 if rank else 0
    if len(found) <= place:
        raise NothingThere(at)
    element = found[place]
    assert isinstance(element, etree._Element)
    return element


def _do(deed: str, element: etree._Element) -> None:
    parent = element.getparent()
    if deed == "gone" and parent is not None:
        parent.remove(element)
    elif deed == "twice":
        element.addnext(deepcopy(element))
    elif deed.startswith("= "):
        element.text = deed[2:]
    elif deed.startswith("+ "):
        declared = " ".join(f'xmlns:{prefix}="{name}"' for prefix, name in NAMES.items())
        element[0:0] = list(etree.fromstring(f"<x {declared}>{deed[2:]}</x>"))
    elif deed.endswith(" gone"):
        del element.attrib[deed[1:-5]]
    else:
        name, _, value = deed[1:].partition(" = ")
        element.set(name, value)
