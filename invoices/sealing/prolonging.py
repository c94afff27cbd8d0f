"""From B-B to B-T, B-LT and B-LTA (EN 319 142-1 §6): each step appends to the sealed file, or fills what was kept free in it.

Sealing comes first, once; these steps change nothing that the seal covers, and may be taken later, by another process.
The seal allows no change (DocMDP 1) but these: ISO 32000-2 §12.8.2.2 excepts validation data and document timestamps.

    B-B   seal.seal(pdf, key=…, at=…)                     with room=ROOM, if more is to come
    B-T   timestamped(sealed, token=…)                    a token over digest_to_timestamp(sealed)
    B-LT  with_validation_data(stamped, data=…)           for the chains of the seal and of its timestamp
    B-LTA prepare_archiving(stamped, data=…).archived(…)  the same and a document timestamp, in one update
    again prepare_archiving(archived, data=…).archived(…) data for the chain of the last document timestamp
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from hashlib import sha256

from invoices.sealing import cms, der, update
from invoices.sealing.chains import Chain, upwards
from invoices.sealing.seal import digest_around, field_on_page, filled, signature_dictionary, with_place
from invoices.sealing.update import Original, reference, references, written
from invoices.sealing.validation_data import ValidationData

ROOM = 8192
"""Bytes to keep free beside a seal that will have a timestamp; tokens have 3,000 to 6,000, before they are made lean."""
_STORED = (b"/Certs", b"/OCSPs", b"/CRLs")
_STAMP = {b"/Type": b"/DocTimeStamp", b"/Filter": b"/Adobe.PPKLite", b"/SubFilter": b"/ETSI.RFC3161"}


@dataclass(frozen=True, slots=True, kw_only=True)
class _Seal:
    """The place of a seal, and what is in it."""

    place: tuple[int, int]
    contents: cms.Contents


@lru_cache(maxsize=1)  # the steps below ask for the same file's, one after the other
def _seal_of(pdf: bytes) -> _Seal:
    """Raises ValueError if the file has no seal of ours as its first field."""
    original = Original(pdf)
    form = original.entries(reference(original.entries(original.catalog)[b"/AcroForm"]))
    field = original.entries(references(form[b"/Fields"])[0])
    start = pdf.index(b"<", pdf.index(b"/Contents", original.start(reference(field[b"/V"])))) + 1
    end = pdf.index(b">", start)
    contents = cms.read(der.first(bytes.fromhex(pdf[start:end].decode("ascii"))).whole)
    return _Seal(place=(start, end), contents=contents)


def digest_to_timestamp(sealed: bytes) -> bytes:
    """What a timestamp of the seal is to stand for: the SHA-256 of its signature (EN 319 122-1 §5.3).

    Raises ValueError for a file that was not sealed here.
    """
    return sha256(_seal_of(sealed).contents.signature).digest()


def chain_of_seal(sealed: bytes) -> Chain:
    """The seal's certificate, its issuer, the issuer's, as far as the seal has them. Raises ValueError as before."""
    certificates = _seal_of(sealed).contents.chain
    return upwards(certificates[:1], among=certificates[1:])


def timestamped(sealed: bytes, *, token: bytes) -> bytes:
    """The sealed file (B-B) with a timestamp of its seal, as timestamps.timestamp() gave it (B-T), in the place kept for it.

    Not one byte moves, and none changes that the seal covers. Raises ValueError if too little room was kept.
    """
    seal = _seal_of(sealed)
    contents = seal.contents
    content = cms.envelope_of(contents.chain).filled(digest=contents.digest, signature=contents.signature, token=token)
    return filled(sealed, place=seal.place, content=content)


def with_validation_data(stamped: bytes, *, data: ValidationData) -> bytes:
    """The file with these data in its Document Security Store (B-LT); those that it has already are not written again.

    Raises ValueError for a file that was not sealed here.
    """
    pdf, _ = extended(Original(stamped), data=data, room=None)
    return pdf


@dataclass(frozen=True, slots=True, kw_only=True)
class PreparedArchiving:
    """A sealed file with its place for a document timestamp. digest: the SHA-256 that this is to stand for."""

    pdf: bytes
    place: tuple[int, int]
    digest: bytes

    def archived(self, *, token: bytes) -> bytes:
        """The file with its document timestamp (B-LTA), whose token stands for digest. Raises ValueError if it is too large."""
        return filled(self.pdf, place=self.place, content=token)


def prepare_archiving(stamped: bytes, *, data: ValidationData, room: int = ROOM) -> PreparedArchiving:
    """The file with these data and a place for a document timestamp over all of it, in one update: the first, or one more.

    What was there stays, byte for byte, as the beginning of the new file. Raises ValueError.
    """
    pdf, place = extended(Original(stamped), data=data, room=room)
    if place is None:
        raise ValueError("no room for a document timestamp")
    return PreparedArchiving(pdf=pdf, place=place, digest=digest_around(pdf, place=place))


def extended(original: Original, *, data: ValidationData, room: int | None) -> tuple[bytes, tuple[int, int] | None]:
    """One update with what is new in these data and, with room for it, a document timestamp; the latter's place."""
    number = original.next_number
    objects: dict[int, bytes] = {}
    new = data - stored(original)
    for encoded in (*new.certificates, *new.ocsps, *new.crls):
        objects[number] = update.stream(encoded)
        number += 1
    if objects:
        objects |= _with_store(original, new=new, first=original.next_number)
        number = max(number, *(one + 1 for one in objects))
    if room is None:
        return (update.appended(original, objects)[0] if objects else original.pdf), None
    form = reference(original.entries(original.catalog)[b"/AcroForm"])
    fields = original.entries(form)
    field, signature = number, number + 1
    name = f"Timestamp{len(references(fields[b'/Fields']))}"
    objects[form] = written(fields | {b"/Fields": update.with_reference(fields[b"/Fields"], field)})
    objects |= field_on_page(original, field=field, signature=signature, name=name, spoken="Horodatage électronique")
    objects[signature] = signature_dictionary(_STAMP, size=room)
    return with_place(original, objects, signature=signature, size=room)


def stored(original: Original) -> ValidationData:
    """What a file's Document Security Store holds. Raises ValueError for another form than ours."""
    store = _store(original)
    certificates, ocsps, crls = ([original.stream(one) for one in references(store.get(key, b"[ ]"))] for key in _STORED)
    return ValidationData(certificates=tuple(certificates), ocsps=tuple(ocsps), crls=tuple(crls))


def _store(original: Original) -> update.Entries:
    catalog = original.entries(original.catalog)
    return original.entries(reference(catalog[b"/DSS"])) if b"/DSS" in catalog else {}


def _with_store(original: Original, *, new: ValidationData, first: int) -> dict[int, bytes]:
    """The store with the new streams, which are numbered from `first` on; the first time, the catalog that names it."""
    store = {b"/Type": b"/DSS"} | _store(original)
    for key, added in zip(_STORED, (new.certificates, new.ocsps, new.crls), strict=True):
        numbers: Sequence[int] = range(first, first + len(added))
        first += len(added)
        if numbers:
            store[key] = update.array_of([*references(store.get(key, b"[ ]")), *numbers])
    catalog = original.entries(original.catalog)
    if b"/DSS" in catalog:
        return {reference(catalog[b"/DSS"]): written(store)}
    return {first: written(store), original.catalog: written(catalog | {b"/DSS": b"%d 0 R" % first})}
