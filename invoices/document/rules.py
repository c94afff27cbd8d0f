"""Whether the official rules accept an invoice: XSD, then both schematrons, on the XML as it would be sent."""

from collections.abc import Sequence

from invoices.document import facturx, schematron
from invoices.document.content import Content


def refusal(content: Content) -> str:
    """The first rule that refuses this invoice, with its text; "" if none does. Warnings refuse nothing."""
    try:
        xml = facturx.cii(content)
    except facturx.Unwritable as error:
        return str(error)
    found = schematron.xsd_failures(xml) or [failure for failure in schematron.failures(xml) if not failure.warning]
    return f"{found[0].rule}: {found[0].text}" if found else ""


def refusals(contents: Sequence[Content]) -> list[str]:
    """`refusal` of each, in order; for a process of its own (compiling the schematrons takes seconds and 180 MB)."""
    return [refusal(content) for content in contents]
