"""A sealed file → verified → its row: what the seal truly is, read from the file and never from what was asked for."""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass

from django.conf import settings

from invoices.models import Document, Invoice, Pades
from invoices.sealing.keys import Home
from invoices.sealing.levels import Level
from invoices.sealing.verdicts import Verdict
from invoices.sealing.verification import verify

RETENTION_YEARS = 10  # C. com. L123-22; the tax law's six (LPF L102 B) end before


class SealNotVerified(Exception):  # noqa: N818  (our bug, or a key that is not the certificate's: never the user's mistake)
    """A seal that was just made does not verify; the invoice stays due."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Verified:
    """A file that was found right, with what is certain then."""

    pdf: bytes
    verdict: Verdict
    level: Level
    pades: Pades
    sealed_at: dt.datetime


def verified(pdf: bytes, *, ours: Mapping[str, Home], level: str, of: Invoice) -> Verified:
    """The file, if it is sealed by one of ours and has that PAdES level. Raises SealNotVerified."""
    verdict = verify(pdf, ours=ours, authorities=settings.TIMESTAMP_ROOTS)
    if not verdict.ours or verdict.level is None or verdict.sealed_at is None:
        raise SealNotVerified(f"the seal of {of.number} does not verify: {verdict.why}")
    if verdict.pades != level:
        raise SealNotVerified(f"the seal of {of.number} is {verdict.pades}, not {level}")
    return Verified(pdf=pdf, verdict=verdict, level=verdict.level, pades=Pades(level), sealed_at=verdict.sealed_at)


def document(invoice: Invoice, *, verified: Verified, home: Home, renews: Document | None = None) -> Document:
    """The row of a verified file, not inserted yet. renews: the one before, of a renewed timestamp."""
    verdict = verified.verdict
    last = verdict.timestamps[-1] if verdict.timestamps else None
    return Document(
        invoice=invoice,
        renews=renews,
        sha256=verdict.sha256,
        size=len(verified.pdf),
        level=verified.level,
        key_home=home,
        certificate_sha256=verdict.certificate,
        sealed_at=verified.sealed_at,
        pades=verified.pades,
        timestamped_at=last.at if last else None,
        timestamped_by=last.authority[:200] if last else "",
        timestamp_ends=verdict.renew_before,
        retained_until=retained_until(invoice.issue_date),
    )


def retained_until(issue_date: dt.date) -> dt.date:
    """The last day of retention: ten years from the end of the issue date's year, in which the accounts close."""
    return dt.date(issue_date.year + RETENTION_YEARS, 12, 31)
