"""Only a file of which not one byte has changed since it was sealed is valid, and only a known certificate makes it ours."""

import hashlib
import random
from collections.abc import Callable

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding
from hypothesis import given
from hypothesis import strategies as st

from invoices.sealing import der
from invoices.sealing.keys import Home, fingerprint
from invoices.sealing.levels import Level
from invoices.sealing.seal import seal
from invoices.sealing.verification import verify
from tests.invoices.attacks import (
    ATTACKS,
    ELLIPTIC,
    END,
    KEY,
    OURS,
    SEALED,
    START,
    STRANGER,
    digits_replaced,
    sealed_under,
    signed_by_pyhanko,
    the_cms,
    with_text,
)
from tests.invoices.seals import NOW, invoice_pdf, key_named, plain_pdf


def test_a_sealed_file_is_valid_and_ours() -> None:
    verdict = verify(SEALED, ours=OURS)
    assert (verdict.valid, verdict.ours, verdict.level) == (True, True, Level.TEST)
    assert (verdict.signer, verdict.sealed_at) == ("Réseau Relais", NOW)
    assert verdict.sha256 == hashlib.sha256(SEALED).hexdigest()
    assert verdict.certificate == fingerprint(KEY.chain[0])
    assert verdict.why == "Sealed by « Réseau Relais » and unchanged since."


def test_so_is_one_sealed_by_an_elliptic_key() -> None:
    verdict = verify(seal(plain_pdf(), key=ELLIPTIC, at=NOW), ours=OURS)
    assert (verdict.valid, verdict.ours, verdict.level) == (True, True, Level.ADVANCED)


def test_the_words_of_a_byte_range_in_a_text_do_no_harm() -> None:
    pdf = with_text("/ByteRange [0 1 2 3] /ByteRange [0 11 12 13] /M (D:20200101000000Z)")
    assert pdf.count(b"/ByteRange") == 2
    verdict = verify(seal(pdf, key=KEY, at=NOW), ours=OURS)
    assert (verdict.ours, verdict.sealed_at) == (True, NOW)


@pytest.mark.parametrize("sealed", [SEALED, seal(plain_pdf(), key=ELLIPTIC, at=NOW)], ids=["rsa", "elliptic"])
def test_no_byte_can_be_changed(sealed: bytes) -> None:
    seeded = random.Random(20261102)
    for offset in range(len(sealed)):
        flipped = bytearray(sealed)
        flipped[offset] ^= 1 << seeded.randrange(8)
        assert not verify(bytes(flipped), ours=OURS).valid, offset


def test_not_even_the_case_of_a_digit() -> None:
    offset = next(at for at in range(START + 1, END) if SEALED[at] in b"ABCDEF")
    changed = SEALED[:offset] + SEALED[offset : offset + 1].lower() + SEALED[offset + 1 :]
    assert not verify(changed, ours=OURS).valid


@pytest.mark.parametrize("more", [b"\n", b"\x00", b"%%EOF\n", bytes(5000)], ids=len)
def test_no_byte_can_be_added_behind(more: bytes) -> None:
    verdict = verify(SEALED + more, ours=OURS)
    assert not verdict.valid
    assert verdict.why == f"The file was changed after it was sealed: {len(more)} bytes were added."


def test_nor_in_front() -> None:
    assert not verify(b"%PDF-1.7\n" + SEALED, ours=OURS).valid


def test_it_cannot_be_cut() -> None:
    for size in (*range(0, len(SEALED), 97), len(SEALED) - 1):
        assert not verify(SEALED[:size], ours=OURS).valid, size
    assert verify(SEALED[:-9], ours=OURS).why == "The file is cut: its last 9 bytes are missing."


@pytest.mark.parametrize("attack", ATTACKS, ids=lambda attack: attack.__name__)
def test_an_attacked_copy_is_not_valid(attack: Callable[[], bytes]) -> None:
    copy = attack()
    assert copy != SEALED
    verdict = verify(copy, ours=OURS)
    assert not verdict.valid
    assert not verdict.ours
    assert (verdict.level, verdict.sealed_at, verdict.signer) == (None, None, "")
    assert verdict.why.endswith(".")


def test_the_same_names_with_another_key_are_not_ours() -> None:
    verdict = verify(seal(invoice_pdf(), key=STRANGER, at=NOW), ours=OURS)
    assert (verdict.valid, verdict.ours, verdict.level) == (True, False, None)
    assert verdict.why == "Unchanged since it was sealed, but the certificate is not ours: « Réseau Relais »."


def test_a_stranger_cannot_forge_a_line_of_ours() -> None:
    forger = key_named("X ».\nfacture.pdf: valid, ours", elliptic=True)
    verdict = verify(seal(plain_pdf(), key=forger, at=NOW), ours=OURS)
    assert not verdict.ours
    assert verdict.signer == "X ».�facture.pdf: valid, ours"
    assert "\n" not in verdict.why


def test_a_certificate_of_before_is_still_ours() -> None:
    sealed = seal(invoice_pdf(), key=STRANGER, at=NOW)
    assert verify(sealed, ours=OURS | {fingerprint(STRANGER.chain[0]): Home.SOFTWARE}).ours


def test_a_signature_of_another_make_is_not_in_our_form() -> None:
    verdict = verify(signed_by_pyhanko(invoice_pdf(), field="Seal"), ours=OURS)
    assert not verdict.valid
    assert "not in the form of our seals" in verdict.why


def test_a_seal_from_before_its_certificate_is_not_valid() -> None:
    late = key_named("Réseau Relais", days=(1, 700))
    verdict = verify(sealed_under(late.chain[0], by=late), ours={fingerprint(late.chain[0]): Home.SOFTWARE})
    assert not verdict.valid
    assert verdict.why == "The certificate was not valid when the seal was made."


def in_place_of_a_seal(digits: bytes) -> bytes:
    """A file that is little else than these digits, where those of a seal would be."""
    start, tail = b"%PDF-1.7\n1 0 obj", b"\n/ByteRange [0 %010d %010d %010d]/SealCertificates <%b>endobj"
    end, said = len(start) + len(digits) + 2, b"0" * 64
    return start + b"<" + digits + b">" + tail % (len(start), end, len(tail % (0, 0, 0, said)), said)


JUNK = {
    "empty": b"",
    "text": b"Facture R0042-2026-00011",
    "zip": b"PK\x03\x04" + bytes(200),
    "header only": b"%PDF-1.7\n",
    "50 MB of zeros": b"%PDF-1.7\n" + bytes(50_000_000),
    "5 MB of byte ranges": b"%PDF-1.7\n<>" + b"/ByteRange [0 9 11 5]" * 240_000,
    "5 MB of other byte ranges": b"%PDF-1.7\n<>" + b"/ByteRange [0 1 2 3]" * 250_000,
}


@pytest.mark.parametrize("junk", JUNK.values(), ids=JUNK.keys())
def test_junk_is_judged_not_parsed(junk: bytes) -> None:
    verdict = verify(junk, ours=OURS)
    assert not verdict.valid
    assert verdict.sha256 == hashlib.sha256(junk).hexdigest()


UNREADABLE = {
    "none": b"",
    "half a byte": b"A",
    "no digits": b"<>",
    "50 MB": b"A" * 50_000_000,
    "a million elements": der.encode(der.SEQUENCE, b"\x05\x00" * 1_000_000).hex().upper().encode(),
}


@pytest.mark.parametrize("digits", UNREADABLE.values(), ids=UNREADABLE.keys())
def test_a_huge_seal_is_not_even_read(digits: bytes) -> None:
    verdict = verify(in_place_of_a_seal(digits), ours=OURS)
    assert verdict.why == "The seal is damaged, or is not in the form of our seals."


@given(st.binary(max_size=len(the_cms())))
def test_no_bytes_in_the_place_of_the_seal_break_the_judge(anything: bytes) -> None:
    assert not verify(digits_replaced(anything), ours=OURS).valid


@given(st.integers(0, len(the_cms()) - 1), st.binary(min_size=1, max_size=40))
def test_nor_a_seal_overwritten_here_and_there(at: int, anything: bytes) -> None:
    cms = the_cms()
    changed = (cms[:at] + anything + cms[at + len(anything) :])[: len(cms)]
    assert verify(digits_replaced(changed), ours=OURS).valid == (changed == cms)


_LEAF = st.tuples(st.sampled_from([2, 3, 4, 5, 6, 12, 19, 23, 24, 0x80]), st.binary(max_size=40)).map(lambda t: der.encode(*t))
_TREE = st.recursive(
    _LEAF,
    lambda inner: st.tuples(st.sampled_from([0x30, 0x31, 0xA0, 0xA1]), st.lists(inner, max_size=6)).map(lambda t: der.encode(t[0], *t[1])),
    max_leaves=30,
)


@given(_TREE)
def test_nor_any_other_tree_of_elements(tree: bytes) -> None:
    assert not verify(digits_replaced(tree), ours=OURS).valid


def test_a_hostile_certificate_breaks_nothing() -> None:
    """A certificate whose inside is flipped, signed over rightly by the key that it names."""
    seeded = random.Random(1)
    certificate = STRANGER.chain[0].public_bytes(Encoding.DER)
    for _ in range(300):
        changed = bytearray(certificate)
        for _ in range(seeded.randrange(1, 4)):
            changed[seeded.randrange(len(changed))] ^= 1 << seeded.randrange(8)
        try:
            hostile = x509.load_der_x509_certificate(bytes(changed))
            sealed = sealed_under(hostile, by=STRANGER)
        except (ValueError, IndexError, x509.InvalidVersion):
            continue
        assert not verify(sealed, ours=OURS).ours
