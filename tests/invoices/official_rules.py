"""The rules of both official schematrons, as their stylesheets have them, and those that look at what we write."""

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache

from lxml import etree

from invoices.document import schematron

_XSL = "{http://www.w3.org/1999/XSL/Transform}"
_SVRL = "{http://purl.oclc.org/dsdl/svrl}"
SCHEMATRONS = schematron._SCHEMATRONS


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """name: as a Failure has it. context: which elements it looks at, an XPath."""

    name: str
    text: str
    context: str


@cache
def rules() -> tuple[Rule, ...]:
    """Each assertion of both, in their order."""
    return tuple(rule for name in SCHEMATRONS for rule in _rules_of(name))


def _rules_of(name: str) -> Iterable[Rule]:
    root = etree.parse(str(schematron._folder() / name)).getroot()
    for template in root.iter(f"{_XSL}template"):
        fired = template.find(f"{_SVRL}fired-rule")
        for one in template.iter(f"{_SVRL}failed-assert", f"{_SVRL}successful-report"):
            assert fired is not None
            text = " ".join(etree.tostring(one.find(f"{_SVRL}text"), method="text", encoding="unicode").split())  # type: ignore[arg-type]
            ids = [str(a.text) for a in one.iter(f"{_XSL}attribute") if a.get("name") == "id"]
            yield Rule(name=ids[0] if ids else text.partition("]")[0].strip("[ "), text=text, context=str(fired.get("context")))


def contexts_of(xml: bytes) -> set[str]:
    """The contexts whose rules looked at something in that invoice."""
    invoice = schematron._saxon().parse_xml(xml_text=xml.decode())
    reports = [etree.fromstring(schematron._compiled(name).transform_to_string(xdm_node=invoice).encode()) for name in SCHEMATRONS]
    return {str(fired.get("context")) for report in reports for fired in report.iter(f"{_SVRL}fired-rule")}
