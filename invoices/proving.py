"""Is this file one of our sealed invoices? Seal, certificate, and the register."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from invoices.models import Document
from invoices.production import our_certificates
from invoices.sealing.keys import Home
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
    verdict = verify(data, ours=ours)
    if not verdict.valid:
        return Judged(ours=False, sentence=f"{file}: NOT VALID. {verdict.why}")
    if not verdict.ours:
        return Judged(ours=False, sentence=f"{file}: NOT OURS. {verdict.why}")
    document = Document.objects.filter(sha256=verdict.sha256).select_related("invoice").first()
    which = f"Invoice {document.invoice.number}." if document else "Not in this installation's register."
    return Judged(
        ours=True, sentence=f"{file}: VALID. {verdict.why} {which} Level: {verdict.level}, sealed {verdict.sealed_at:%Y-%m-%d %H:%M} UTC."
    )
