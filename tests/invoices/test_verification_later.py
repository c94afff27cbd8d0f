"""Nothing may follow the seal but our own timestamps and validation data: any other update makes the file an altered one."""

import dataclasses
import io
import random
import re
from collections.abc import Callable, Iterator

import pikepdf
import pytest
from cryptography.hazmat.primitives.serialization import Encoding
from pyhanko.pdf_utils.generic import ArrayObject, StreamObject, pdf_name
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter

from invoices.sealing import update
from invoices.sealing.keys import Home, fingerprint
from invoices.sealing.prolonging import ROOM, digest_to_timestamp, prepare_archiving, timestamped, with_validation_data
from invoices.sealing.seal import filled, seal
from invoices.sealing.update import Original, appended, stream, written
from invoices.sealing.validation_data import ValidationData
from invoices.sealing.verdicts import Kind, Pades, Reason
from invoices.sealing.verification import verify
from tests.invoices.attacks import signed_by_pyhanko
from tests.invoices.attacks import written as by_pyhanko
from tests.invoices.authorities import World, authority
from tests.invoices.prolonged import Levels, data_for, levels, stamped
from tests.invoices.seals import NOW, invoice_pdf, key_named

FORGED_PAGE = b"BT /F1 12 Tf 100 700 Td (999 999,99) Tj ET"
LEVELS = ("t", "lt", "lta", "renewed")


@pytest.fixture(scope="module")
def world() -> Iterator[World]:
    with authority() as running:
        yield running


@pytest.fixture(scope="module")
def made(world: World) -> Levels:
    return levels(world)


def judged_altered(made: Levels, pdf: bytes) -> Reason:
    verdict = made.judged(pdf)
    assert verdict.kind in {Kind.ALTERED, Kind.BROKEN}, verdict.why
    assert (verdict.level, verdict.pades, verdict.signer, verdict.timestamps) == (None, None, "", ())
    return verdict.reason


def test_no_byte_can_be_changed(made: Levels) -> None:
    """Not one of the last update and of the seal's place, and a sample of what the seal covers."""
    pdf = made.renewed
    seeded = random.Random(20261102)
    start = pdf.index(b"/Contents <")
    everywhere = seeded.sample(range(len(pdf)), 1500)
    place = range(start, start + len(made.b) - start, 29)
    for offset in {*everywhere, *place, *range(len(made.lta), len(pdf), 7)}:
        flipped = bytearray(pdf)
        flipped[offset] ^= 1 << seeded.randrange(8)
        assert not made.judged(bytes(flipped)).valid, offset


@pytest.mark.parametrize("level", LEVELS)
def test_nothing_can_be_added_or_taken_away(made: Levels, level: str) -> None:
    pdf = getattr(made, level)
    for more in (b"\n", b"%%EOF\n", bytes(5000), pdf):
        judged_altered(made, pdf + more)
    for size in {*range(len(made.b) - 300, len(pdf), 997), len(pdf) - 1} - {len(made.t), len(made.lta), len(pdf)}:
        judged_altered(made, pdf[:size])


def changed_page(pdf: bytes) -> bytes:
    """Replace: another content of the page."""
    writer = IncrementalPdfFileWriter(io.BytesIO(pdf))
    page = writer.find_page_for_modification(0)[0].get_object()  # type: ignore[no-untyped-call]
    page["/Contents"] = writer.add_object(StreamObject(stream_data=FORGED_PAGE))
    writer.update_container(page)
    return by_pyhanko(writer)


def evil_annotation(pdf: bytes) -> bytes:
    """A note over the amount, the kind of change that a certification level 3 would allow."""
    writer = IncrementalPdfFileWriter(io.BytesIO(pdf))
    page = writer.find_page_for_modification(0)[0].get_object()  # type: ignore[no-untyped-call]
    page["/Annots"] = ArrayObject([*page["/Annots"], writer.add_object(StreamObject(stream_data=FORGED_PAGE))])
    writer.update_container(page)
    return by_pyhanko(writer)


def catalog_changed(pdf: bytes) -> bytes:
    writer = IncrementalPdfFileWriter(io.BytesIO(pdf))
    writer.root[pdf_name("/OpenAction")] = pdf_name("/Print")
    writer.update_root()  # type: ignore[no-untyped-call]
    return by_pyhanko(writer)


def store_taken_away(pdf: bytes) -> bytes:
    writer = IncrementalPdfFileWriter(io.BytesIO(pdf))
    writer.root.pop("/DSS", None)
    writer.update_root()  # type: ignore[no-untyped-call]
    return by_pyhanko(writer)


def signed_by_somebody(pdf: bytes) -> bytes:
    """Sneaky: a second signature, by the tutorial."""
    return signed_by_pyhanko(pdf, field="Another")


def rewritten(pdf: bytes) -> bytes:
    out = io.BytesIO()
    with pikepdf.open(io.BytesIO(pdf)) as read:
        read.save(out)
    return out.getvalue()


def second_store(pdf: bytes) -> bytes:
    """In our own hand: another store in place of the first."""
    original = Original(pdf)
    catalog = original.entries(original.catalog)
    new = original.next_number
    return appended(original, {new: written({b"/Type": b"/DSS"}), original.catalog: written(catalog | {b"/DSS": b"%d 0 R" % new})})[0]


def page_in_our_own_hand(pdf: bytes) -> bytes:
    """In our own hand: an update of the store that replaces the page's content too (shadow attack with a DSS)."""
    original = Original(pdf)
    page = original.entries(original.first_page())
    content = update.reference(page[b"/Contents"])
    return appended(original, {content: stream(FORGED_PAGE)})[0]


def page_hidden_under_the_store(pdf: bytes) -> bytes:
    """The same with a store added at once, so that the update looks like one of ours."""
    original = Original(pdf)
    page = original.entries(original.first_page())
    content = update.reference(page[b"/Contents"])
    catalog = original.entries(original.catalog)
    new = original.next_number
    store = {new: written({b"/Type": b"/DSS"}), original.catalog: written(catalog | {b"/DSS": b"%d 0 R" % new})}
    return appended(original, {content: stream(FORGED_PAGE)} | store)[0]


def permission_taken_away(pdf: bytes) -> bytes:
    original = Original(pdf)
    catalog = original.entries(original.catalog)
    del catalog[b"/Perms"]
    return appended(original, {original.catalog: written(catalog)})[0]


ATTACKS = [
    changed_page,
    evil_annotation,
    catalog_changed,
    store_taken_away,
    signed_by_somebody,
    rewritten,
    second_store,
    page_in_our_own_hand,
    page_hidden_under_the_store,
    permission_taken_away,
]


@pytest.mark.parametrize("level", ["b", *LEVELS])
@pytest.mark.parametrize("attack", ATTACKS, ids=lambda attack: attack.__name__)
def test_an_attacked_copy_is_altered(made: Levels, level: str, attack: Callable[[bytes], bytes]) -> None:
    pdf = getattr(made, level)
    copy = attack(pdf)
    assert copy != pdf
    judged_altered(made, copy)


@pytest.mark.parametrize("level", LEVELS)
def test_nor_do_ours_follow_an_attack(made: Levels, world: World, level: str) -> None:
    """A genuine timestamp of our own authority over an attacked copy blesses nothing."""
    copy = page_in_our_own_hand(getattr(made, level))
    prepared = prepare_archiving(copy, data=ValidationData())
    judged_altered(made, prepared.archived(token=stamped(world, prepared.digest).token))


@pytest.mark.parametrize("level", ["b", *LEVELS])
def test_a_timestamp_by_a_stranger_is_a_change(made: Levels, world: World, level: str) -> None:
    prepared = prepare_archiving(getattr(made, level), data=ValidationData())
    stamp = stamped(world, prepared.digest, label="stranger", trusted=world.certificate("stranger"))
    copy = prepared.archived(token=stamp.token)
    assert judged_altered(made, copy) == Reason.UNKNOWN_AUTHORITY
    ours = {fingerprint(made.key.chain[0]): Home.SOFTWARE}
    assert verify(copy, ours=ours, authorities=[made.root, world.certificate("stranger")]).ours


def test_so_is_one_in_the_place_of_the_seal_s_own(made: Levels, world: World) -> None:
    stamp = stamped(world, digest_to_timestamp(made.b), label="stranger", trusted=world.certificate("stranger"))
    assert judged_altered(made, timestamped(made.b, token=stamp.token)) == Reason.UNKNOWN_AUTHORITY


def test_without_any_authority_no_timestamp_counts(made: Levels) -> None:
    for level in LEVELS:
        verdict = verify(getattr(made, level), ours={fingerprint(made.key.chain[0]): Home.SOFTWARE})
        assert verdict.reason == Reason.UNKNOWN_AUTHORITY


def test_a_timestamp_of_another_file_is_not_right(made: Levels, world: World) -> None:
    prepared = prepare_archiving(made.t, data=made.data)
    other = stamped(world, bytes(32)).token
    assert judged_altered(made, prepared.archived(token=other)) == Reason.WRONG_TIMESTAMP
    assert judged_altered(made, timestamped(made.b, token=other)) == Reason.WRONG_TIMESTAMP


def test_something_behind_a_token_is_seen(made: Levels, world: World) -> None:
    prepared = prepare_archiving(made.t, data=made.data)
    token = stamped(world, prepared.digest).token
    judged_altered(made, filled(prepared.pdf, place=prepared.place, content=token + b"\x01"))
    judged_altered(made, filled(prepared.pdf, place=prepared.place, content=token[:-1]))
    judged_altered(made, prepared.pdf)


FORGED = {
    "a stranger's certificate": lambda made: ValidationData(certificates=(key_named("seal").chain[0].public_bytes(Encoding.DER),)),
    "no certificate": lambda made: ValidationData(certificates=(b"MZ\x90\x00",)),
    "no answer": lambda made: ValidationData(ocsps=(b"0\x00",)),
    "a cut list": lambda made: ValidationData(crls=(made.data.crls[0][:-1],)),
    "a program": lambda made: ValidationData(crls=(b"%PDF-1.7 1 0 obj<</Type/Catalog>>endobj",)),
    "the words of a seal": lambda made: ValidationData(
        crls=(b"/Contents <00>\n/ByteRange [0 1 2 3] /SealCertificates <" + b"0" * 64 + b">",)
    ),
}


@pytest.mark.parametrize("level", LEVELS)
@pytest.mark.parametrize("forged", FORGED.values(), ids=FORGED.keys())
def test_data_that_do_not_belong_to_the_seal_are_a_change(made: Levels, level: str, forged: Callable[[Levels], ValidationData]) -> None:
    pdf = with_validation_data(getattr(made, level), data=forged(made))
    assert judged_altered(made, pdf) in {Reason.STRANGE_DATA, Reason.ADDED}


def test_data_exchanged_for_a_stranger_s_are_a_change(made: Levels, world: World) -> None:
    """Swapped: the answers about another certificate of the same authority."""
    others = data_for(world, world.key("elliptic").chain)
    assert judged_altered(made, with_validation_data(made.t, data=others)) == Reason.STRANGE_DATA


def test_a_stranger_with_our_names_is_a_stranger_at_every_level(made: Levels, world: World) -> None:
    stranger = levels(world, label="elliptic")
    for level in ("b", *LEVELS):
        verdict = made.judged(getattr(stranger, level))
        assert (verdict.kind, verdict.level) == (Kind.OTHERS, None)


def test_a_seal_that_was_revoked_when_it_was_made_is_broken(world: World, made: Levels) -> None:
    """As far as the file tells: with the authority's list in it, which nobody of ours would have put there."""
    key = world.key("revoked")
    sealed = seal(invoice_pdf(), key=key, at=NOW, room=ROOM)
    stamp = stamped(world, digest_to_timestamp(sealed))
    listed = data_for(world, stamp.chain)
    revoking = ValidationData(crls=(world.list_of("issuer"),), certificates=tuple(one.public_bytes(Encoding.DER) for one in key.chain))
    pdf = with_validation_data(timestamped(sealed, token=stamp.token), data=listed | revoking)
    verdict = verify(pdf, ours={fingerprint(key.chain[0]): Home.DEVICE}, authorities=[made.root])
    assert (verdict.kind, verdict.reason) == (Kind.BROKEN, Reason.CERTIFICATE_REVOKED)


def test_a_shorter_file_is_the_level_that_it_was(made: Levels) -> None:
    """The file before a step is a true one still: whoever must know whether it is the last, looks into the register."""
    verdict = made.judged(made.renewed[: len(made.lta)])
    assert (verdict.kind, verdict.pades) == (Kind.OURS, Pades.LTA)
    assert made.judged(made.lta[: len(made.t)]).pades == Pades.T


def test_hostile_updates_break_nothing(made: Levels) -> None:
    """Damage at random in the last update, in twos and threes, never breaks the judge."""
    seeded = random.Random(7)
    for _ in range(400):
        changed = bytearray(made.lta)
        for _ in range(seeded.randrange(1, 4)):
            at = seeded.randrange(len(made.t), len(changed))
            changed[at : at + seeded.randrange(1, 9)] = seeded.randbytes(seeded.randrange(0, 9))
        assert not made.judged(bytes(changed)).valid or bytes(changed) == made.lta


def test_a_long_row_of_updates_is_not_followed(made: Levels) -> None:
    pdf = made.t
    for number in range(60):
        original = Original(pdf)
        pdf = appended(original, {original.next_number: written({b"/N": b"%d" % number})})[0]
    assert judged_altered(made, pdf) == Reason.ADDED


def test_every_reason_names_the_values_it_has(made: Levels) -> None:
    for reason in Reason:
        names = set(re.findall(r"%\((\w+)\)s", reason.value))
        assert names <= {"signer", "bytes"}
        assert reason.value % dict.fromkeys(names, "x")
    assert dataclasses.replace(made.judged(made.t), reason=Reason.NO_TIME).kind == Kind.BROKEN
