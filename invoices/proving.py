"""Is this file one of our sealed invoices? Seal, certificate, and the register."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from django.conf import settings

from invoices.models import Document, Invoice
from invoices.production import original, our_certificates
from invoices.sealing.keys import Home
from invoices.sealing.verdicts import Verdict
from invoices.sealing.verification import verify

_LARGEST = 64 * 2**20
"""Bytes; our files have some 100,000."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Judged:
    """A file's verdict in one line. ours: valid, and by a certificate of ours."""

    ours: bool
    sentence: str


def judge(files: Sequence[Path]) -> list[Judged]:
    """Judge each file, in order."""
    ours = our_certificates()
    return [_judged(file, ours=ours) for file in files]


def _judged(file: Path, *, ours: Mapping[str, Home]) -> Judged:
    """An unreadable file is not ours either: the sentence says why."""
    try:
        if file.stat().st_size > _LARGEST:
            return Judged(ours=False, sentence=f"{file}: NOT VALID. Larger than {_LARGEST >> 20} MB: no file of ours is.")
        data = file.read_bytes()
    except OSError as error:
        return Judged(ours=False, sentence=f"{file}: NOT READ. {error.strerror}.")
    proof = _proven(data, ours=ours)
    verdict, document = proof.verdict, proof.document
    if not verdict.valid:
        return Judged(ours=False, sentence=f"{file}: NOT VALID. {verdict.why}")
    if not verdict.ours:
        return Judged(ours=False, sentence=f"{file}: NOT OURS. {verdict.why}")
    which = f"Invoice {document.invoice.number}." if document else "Not in this installation's register."
    return Judged(
        ours=True, sentence=f"{file}: VALID. {verdict.why} {which} Level: {verdict.level}, sealed {verdict.sealed_at:%Y-%m-%d %H:%M} UTC."
    )


class Finding(StrEnum):
    """What somebody's file turned out to be, for a page to say in words."""

    OURS = "ours"  # byte for byte a file of our register
    UNKNOWN = "unknown"  # sealed with our certificate, but not in the register
    SEALED_BY_OTHERS = "sealed by others"
    NO_SEAL = "no seal"
    CHANGED = "changed"  # or damaged: the seal does not hold
    NO_PDF = "no PDF"


@dataclass(frozen=True, slots=True, kw_only=True)
class Proof:
    """A file's verdict; document: the register's, if it is ours byte for byte."""

    verdict: Verdict
    finding: Finding
    document: Document | None = None


def prove(data: bytes) -> Proof:
    """Judge a file that somebody has, whoever they are: of others' invoices it says nothing that the file does not show."""
    return _proven(data, ours=our_certificates())


def prove_kept(invoice: Invoice) -> Proof | None:
    """Judge the file that we keep of an issued invoice; None: it is not sealed yet.

    Raises Unavailable if the archive cannot be read, or has other bytes than were put there.
    """
    document = Document.objects.filter(invoice=invoice, renewed_by=None).first()
    return None if document is None else prove(original(document))


def _proven(data: bytes, *, ours: Mapping[str, Home]) -> Proof:
    verdict = verify(data, ours=ours, authorities=settings.TIMESTAMP_ROOTS)
    if verdict.ours:
        document = Document.objects.filter(sha256=verdict.sha256).select_related("invoice").first()
        return Proof(verdict=verdict, finding=Finding.OURS if document else Finding.UNKNOWN, document=document)
    if verdict.valid:
        return Proof(verdict=verdict, finding=Finding.SEALED_BY_OTHERS)
    if not data.startswith(b"%PDF-"):
        return Proof(verdict=verdict, finding=Finding.NO_PDF)
    return Proof(verdict=verdict, finding=Finding.CHANGED if b"/ByteRange" in data else Finding.NO_SEAL)
