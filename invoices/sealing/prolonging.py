"""From B-B to B-T, B-LT and B-LTA (EN 319 142-1 §6): each step appends to the sealed file, or fills what was kept free in it.

Sealing comes first, once; these steps change nothing that the seal covers, and may be taken later, by another process.
"""

from dataclasses import dataclass
from hashlib import sha256

from invoices.sealing import cms, der
from invoices.sealing.seal import filled
from invoices.sealing.update import Original, reference, references

ROOM = 8192
"""Bytes to keep free beside a seal that will have a timestamp; tokens have 3,000 to 6,000, before they are made lean."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Seal:
    """The place of a seal, and what is in it."""

    place: tuple[int, int]
    contents: cms.Contents

    @classmethod
    def of(cls, pdf: bytes) -> "_Seal":
        """Raises ValueError if the file has no seal of ours as its first field."""
        original = Original(pdf)
        form = original.entries(reference(original.entries(original.catalog)[b"/AcroForm"]))
        field = original.entries(references(form[b"/Fields"])[0])
        start = pdf.index(b"<", pdf.index(b"/Contents", original.start(reference(field[b"/V"])))) + 1
        end = pdf.index(b">", start)
        return cls(place=(start, end), contents=cms.read(der.first(bytes.fromhex(pdf[start:end].decode("ascii"))).whole))


def digest_to_timestamp(sealed: bytes) -> bytes:
    """What a timestamp of the seal is to stand for: the SHA-256 of its signature (EN 319 122-1 §5.3).

    Raises ValueError for a file that was not sealed here.
    """
    return sha256(_Seal.of(sealed).contents.signature).digest()


def timestamped(sealed: bytes, *, token: bytes) -> bytes:
    """The sealed file (B-B) with a timestamp of its seal, as timestamps.timestamp() gave it (B-T), in the place kept for it.

    Not one byte moves, and none changes that the seal covers. Raises ValueError if too little room was kept.
    """
    seal = _Seal.of(sealed)
    contents = seal.contents
    content = cms.Envelope(contents.chain).filled(digest=contents.digest, signature=contents.signature, token=token)
    return filled(sealed, place=seal.place, content=content)
