"""The official schematrons' stylesheets, without the walks that their generator wrote and that find nothing.

Each of some sixty patterns walks the whole invoice twice to find the few elements that its rules are about, and each
run parses the code lists (180 kB) anew. Here a pattern goes straight to its elements, and the lists are parsed once a
process. No rule, test or text is touched: the findings are the same, in the same order, at a sixth of the cost.
"""

import re
from dataclasses import dataclass
from pathlib import Path

from lxml import etree

_XSL = "{http://www.w3.org/1999/XSL/Transform}"
_SVRL = "{http://purl.oclc.org/dsdl/svrl}"
_BASE = "{http://www.w3.org/XML/1998/namespace}base"
_LISTS = re.compile(r"document\('([^']+)'\)")


@dataclass(frozen=True, slots=True, kw_only=True)
class Stylesheet:
    """A stylesheet's text. lists: the file of code lists that it wants as its parameter `lists`, or None."""

    text: str
    lists: Path | None


def read(path: Path) -> Stylesheet:
    """The stylesheet that finds what the one at that path finds. What is not written as its generator does stays as it is."""
    root = etree.parse(str(path)).getroot()
    root.set(_BASE, path.as_uri())
    for pattern in root.iter(f"{_SVRL}active-pattern"):
        _without_idle_walk(pattern)
    starts = {start.get("mode", ""): start for start in root.iter(f"{_XSL}apply-templates") if start.get("select") == "/"}
    for mode, start in starts.items():
        _straight_to_its_elements(start, [t for t in root.findall(f"{_XSL}template") if t.get("mode") == mode])
    lists = _lists_as_parameter(root)
    return Stylesheet(text=etree.tostring(root, encoding="unicode"), lists=path.with_name(lists) if lists else None)


def _without_idle_walk(pattern: etree._Element) -> None:
    """Walk no invoice without a mode: no rule has none, and text gives nothing."""
    for walk in pattern.findall(f"{_XSL}apply-templates"):
        if not walk.attrib:
            pattern.remove(walk)


def _straight_to_its_elements(start: etree._Element, templates: list[etree._Element]) -> None:
    """Select what one pattern's rules match, in the invoice's order, rather than walk from the root and ask each node.

    Left as it is unless each rule ends with the walk on to its children, and names one path.
    """
    rules = [template for template in templates if template.find(f"{_SVRL}fired-rule") is not None]
    walks = [rule[-1] for rule in rules]
    paths = [rule.get("match", "") for rule in rules]
    onward = all(walk.tag == f"{_XSL}apply-templates" and walk.get("mode") == start.get("mode") for walk in walks)
    if not rules or not onward or any("|" in path for path in paths):
        return
    for rule, walk in zip(rules, walks, strict=True):
        rule.remove(walk)
    start.set("select", " | ".join(path if path.startswith("/") else f"//{path}" for path in paths))


def _lists_as_parameter(root: etree._Element) -> str:
    """Have the code lists handed in; returns their file's name, or "" where the stylesheet has none, or more than one."""
    asking = [(e, name) for e in root.iter(f"{_XSL}*") for name, value in e.attrib.items() if _LISTS.search(str(value))]
    names = {found for element, name in asking for found in _LISTS.findall(str(element.get(name)))}
    if len(names) != 1:
        return ""
    for element, name in asking:
        element.set(name, _LISTS.sub("$lists", str(element.get(name))))
    root.insert(0, etree.Element(f"{_XSL}param", name="lists"))
    return str(names.pop())
