"""Seal a PDF: one incremental update with an invisible field "Seal", PAdES B-B (EN 319 142-1), the whole file covered.

DocMDP permission 1 (ISO 32000-2 §12.8.2.2): no later change but timestamps and validation data, which renew the proof.
XMP and Info stay as they are. The field lies outside of what is seen (zero rectangle) and of the page's structure, with
a name for whoever cannot see (PDF/UA-1 §7.18).
"""

import datetime as dt
import hashlib
from collections.abc import Mapping
from dataclasses import dataclass

from cryptography import x509

from invoices.sealing import update
from invoices.sealing.cms import envelope_of
from invoices.sealing.keys import SealKey, check_it_may_seal
from invoices.sealing.update import Original, written

FIELD = "Seal"
CERTIFICATES = "/SealCertificates"  # a key of ours: the SHA-256 of those in the CMS, which otherwise nothing protects
_FLAGS = 4 | 128  # print (PDF/A-3 §6.3.2) and locked
_BEFORE_PLACE = b"<<\n/Contents "
_BYTE_RANGE = b"/ByteRange [0 %d %d %d]"
_BYTE_RANGE_SIZE = len(_BYTE_RANGE % (10**10 - 1, 10**10 - 1, 10**10 - 1))
_PERMISSION = b"""[ <<
/Type /SigRef
/TransformMethod /DocMDP
/TransformParams <<
/Type /TransformParams
/V /1.2
/P 1
>>
>> ]"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Prepared:
    """A PDF with its place for the seal. to_sign: the SHA-256 that the key signs."""

    pdf: bytes
    chain: tuple[x509.Certificate, ...]
    digest: bytes  # of the whole file but the place itself
    place: tuple[int, int]  # of the hexadecimal digits
    to_sign: bytes

    def sealed(self, signature: bytes) -> bytes:
        """The sealed PDF. signature: over to_sign, by the key whose signature_size was reserved."""
        return filled(self.pdf, place=self.place, content=envelope_of(self.chain).filled(digest=self.digest, signature=signature))


def seal(pdf: bytes, *, key: SealKey, at: dt.datetime, room: int = 0) -> bytes:
    """Seal a PDF that carries no seal yet.

    at: the instant of sealing, aware. room: bytes kept free beside the seal for a timestamp; 0 for level B-B.
    Raises SealKeyUnavailable, or what the key raises (Unavailable); ValueError for a PDF that document/ did not write.
    """
    prepared = prepare(pdf, key=key, at=at, room=room)
    (signature,) = key.sign([prepared.to_sign])
    return prepared.sealed(signature)


def prepare(pdf: bytes, *, key: SealKey, at: dt.datetime, room: int = 0) -> Prepared:
    """The first half of seal(), which signs nothing: for a key that signs many digests at once, or elsewhere.

    Raises SealKeyUnavailable if the certificate may not seal at that instant.
    """
    check_it_may_seal(key.chain[0], at=at)
    envelope = envelope_of(key.chain)
    said = {
        b"/Type": b"/Sig",
        b"/Filter": b"/Adobe.PPKLite",
        b"/SubFilter": b"/ETSI.CAdES.detached",
        b"/M": f"(D:{at.astimezone(dt.UTC):%Y%m%d%H%M%S}Z)".encode(),
        CERTIFICATES.encode(): b"<%b>" % envelope.certificates_sha256.hex().encode(),
        b"/Reference": _PERMISSION,
    }
    prepared, place = _with_field(Original(pdf), said=said, size=envelope.size(key.signature_size) + room)
    digest = digest_around(prepared, place=place)
    return Prepared(
        pdf=prepared,
        chain=key.chain,
        digest=digest,
        place=place,
        to_sign=hashlib.sha256(envelope.to_sign(digest)).digest(),
    )


def _with_field(original: Original, *, said: Mapping[bytes, bytes], size: int) -> tuple[bytes, tuple[int, int]]:
    """The file with the field, and the place in it for that many bytes."""
    catalog = original.entries(original.catalog)
    if catalog.keys() & {b"/AcroForm", b"/Perms"}:
        raise ValueError("the file has a form already: an invoice is sealed once")
    form, field, signature = range(original.next_number, original.next_number + 3)
    catalog |= {b"/AcroForm": b"%d 0 R" % form, b"/Perms": written({b"/DocMDP": b"%d 0 R" % signature})}
    objects = {
        original.catalog: written(catalog),
        form: written({b"/Fields": update.array_of([field]), b"/SigFlags": b"3"}),
        **field_on_page(original, field=field, signature=signature, name=FIELD, spoken="Cachet électronique"),
        signature: signature_dictionary(said, size=size),
    }
    return with_place(original, objects, signature=signature, size=size)


def field_on_page(original: Original, *, field: int, signature: int, name: str, spoken: str) -> dict[int, bytes]:
    """An invisible signature field, and the first page with it. spoken: what a screen reader calls it, in French."""
    page = original.first_page()
    entries = original.entries(page)
    entries[b"/Annots"] = update.with_reference(entries.get(b"/Annots", b"[ ]"), field)
    entries.setdefault(b"/Tabs", b"/S")  # of every page with an annotation: PDF/UA-1 §7.18.3
    widget = {
        b"/Type": b"/Annot",
        b"/Subtype": b"/Widget",
        b"/FT": b"/Sig",
        b"/T": b"(%b)" % name.encode(),
        b"/TU": b"(%b)" % spoken.encode("latin-1"),  # which PDFDocEncoding is, for French letters
        b"/F": b"%d" % _FLAGS,
        b"/Rect": b"[ 0 0 0 0 ]",
        b"/P": b"%d 0 R" % page,
        b"/V": b"%d 0 R" % signature,
    }
    return {page: written(entries), field: written(widget)}


def signature_dictionary(said: Mapping[bytes, bytes], *, size: int) -> bytes:
    """A signature dictionary with a place for that many bytes, which is empty yet; as with_place() looks for it."""
    return b"%b<%b>\n%b\n%b" % (_BEFORE_PLACE, b"0" * (2 * size), b" " * _BYTE_RANGE_SIZE, written(said).removeprefix(b"<<\n"))


def with_place(original: Original, objects: Mapping[int, bytes], *, signature: int, size: int) -> tuple[bytes, tuple[int, int]]:
    """The file with these objects, and the place of the digits in the signature dictionary, whose byte range is written."""
    pdf, offsets = update.appended(original, objects)
    start = offsets[signature] + len(b"%d 0 obj\n" % signature) + len(_BEFORE_PLACE)
    end = start + 2 * size + 2  # < and > included
    byte_range = (_BYTE_RANGE % (start, end, len(pdf) - end)).ljust(_BYTE_RANGE_SIZE)
    return b"".join((pdf[: end + 1], byte_range, pdf[end + 1 + _BYTE_RANGE_SIZE :])), (start + 1, end - 1)


def digest_around(pdf: bytes, *, place: tuple[int, int]) -> bytes:
    """The SHA-256 of the whole file but that place and the < and > around it."""
    start, end = place
    covered = hashlib.sha256(memoryview(pdf)[: start - 1])
    covered.update(memoryview(pdf)[end + 1 :])
    return covered.digest()


def filled(pdf: bytes, *, place: tuple[int, int], content: bytes) -> bytes:
    """The file with that content in its place. Raises ValueError if the place is too small."""
    start, end = place
    digits = content.hex().upper().encode().ljust(end - start, b"0")
    if len(digits) != end - start:
        raise ValueError("the signature is larger than the place that was kept for it")
    return b"".join((pdf[:start], digits, pdf[end:]))
