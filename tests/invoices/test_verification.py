"""Only a file of which not one byte has changed since it was sealed is valid, and only a known certificate makes it ours."""

import hashlib
import io
import random
import re
import subprocess
from collections.abc import Callable
from pathlib import Path

import pikepdf
import pytest
from asn1crypto import x509 as asn1_x509
from asn1crypto.keys import PrivateKeyInfo
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from hypothesis import given
from hypothesis import strategies as st
from pyhanko.pdf_utils.generic import ByteStringObject, StreamObject, pdf_name
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign import PdfSignatureMetadata, PdfSigner, SimpleSigner
from pyhanko.sign.fields import SigFieldSpec, SigSeedSubFilter
from pyhanko.sign.signers.cms_embedder import PdfCMSEmbedder, SigIOSetup, SigObjSetup
from pyhanko.sign.signers.pdf_byterange import SignatureObject
from pyhanko_certvalidator.registry import SimpleCertificateStore

from invoices.sealing import der
from invoices.sealing.cms import Envelope
from invoices.sealing.keys import Home, fingerprint
from invoices.sealing.keys.software import SoftwareKey
from invoices.sealing.levels import Level
from invoices.sealing.seal import CERTIFICATES, prepare, seal
from invoices.sealing.verification import verify
from tests.invoices.seals import NOW, invoice_pdf, key_named, pair, plain_pdf

KEY = key_named("Réseau Relais", root="TEST root")
STRANGER = key_named("Réseau Relais", root="TEST root")  # the same names, another key
ELLIPTIC = key_named("Réseau Relais", elliptic=True)
OURS = {fingerprint(KEY.chain[0]): Home.SOFTWARE, fingerprint(ELLIPTIC.chain[0]): Home.SOFTWARE}
SEALED = seal(invoice_pdf(), key=KEY, at=NOW)
START = SEALED.index(b"/Contents <") + len(b"/Contents ")  # of the digits' <
END = SEALED.index(b">", START) + 1


def digits_replaced(cms: bytes) -> bytes:
    """The sealed file with another CMS, padded with zeros or cut to the place."""
    size = END - START - 2
    return SEALED[: START + 1] + cms.hex().upper().encode().ljust(size, b"0")[:size] + SEALED[END - 1 :]


def the_cms() -> bytes:
    return bytes.fromhex(SEALED[START + 1 : END - 1].decode())


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


@pytest.mark.parametrize("more", [b"\n", b"\x00", b"%%EOF\n", bytes(5000)])
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


def shadowed() -> bytes:
    """Another page content, by an incremental update."""
    writer = IncrementalPdfFileWriter(io.BytesIO(SEALED))
    page = writer.find_page_for_modification(0)[0].get_object()  # type: ignore[no-untyped-call]
    page["/Contents"] = writer.add_object(StreamObject(stream_data=b"BT /F1 12 Tf 100 700 Td (999 999,99) Tj ET"))
    writer.update_container(page)
    return written(writer)


def annotated() -> bytes:
    """A note on the page, by an incremental update."""
    writer = IncrementalPdfFileWriter(io.BytesIO(SEALED))
    writer.root[pdf_name("/Shadow")] = pdf_name("/Note")
    writer.update_root()  # type: ignore[no-untyped-call]
    return written(writer)


def unsealed_by_update() -> bytes:
    """The form taken away, by an incremental update."""
    writer = IncrementalPdfFileWriter(io.BytesIO(SEALED))
    del writer.root["/AcroForm"]
    writer.update_root()  # type: ignore[no-untyped-call]
    return written(writer)


def written(writer: IncrementalPdfFileWriter) -> bytes:
    out = io.BytesIO()
    writer.write(out)  # type: ignore[no-untyped-call]
    return out.getvalue()


def unsealed_by_rewriting() -> bytes:
    out = io.BytesIO()
    with pikepdf.open(io.BytesIO(SEALED)) as pdf:
        del pdf.Root.AcroForm, pdf.pages[0].Annots
        pdf.save(out)
    return out.getvalue()


def rewritten() -> bytes:
    out = io.BytesIO()
    with pikepdf.open(io.BytesIO(SEALED)) as pdf:
        pdf.save(out)
    return out.getvalue()


def seal_renamed() -> bytes:
    return SEALED.replace(b"/ByteRange", b"/BiteRange")


def never_sealed() -> bytes:
    return invoice_pdf()


def signed_again_as_the_tutorial_has_it() -> bytes:
    return signed_by_pyhanko(SEALED, field="Another")


class Lawless(PdfSigner):
    """pyHanko, which refuses to sign again what our seal forbids to change, talked out of it."""

    def _enforce_certification_constraints(self, reader: PdfFileReader) -> None:
        pass


def signed_by_pyhanko(pdf: bytes, *, field: str) -> bytes:
    private, certificate, _ = pair("Un autre")
    signer = SimpleSigner(
        signing_cert=asn1_x509.Certificate.load(certificate.public_bytes(Encoding.DER)),
        signing_key=PrivateKeyInfo.load(private.private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption())),
        cert_registry=SimpleCertificateStore(),  # type: ignore[no-untyped-call]
    )
    meta = PdfSignatureMetadata(field_name=field, subfilter=SigSeedSubFilter.PADES)
    return bytes(Lawless(meta, signer=signer).sign_pdf(IncrementalPdfFileWriter(io.BytesIO(pdf))).getvalue())


def signed_again_in_our_own_form() -> bytes:
    """A stranger's seal on top of ours, and in every respect like it."""
    envelope = Envelope(STRANGER.chain)
    writer = IncrementalPdfFileWriter(io.BytesIO(SEALED))
    embedding = PdfCMSEmbedder(SigFieldSpec("Another")).write_cms("Another", writer)
    next(embedding)
    size = 2 * envelope.size(STRANGER.signature_size)
    dictionary = SignatureObject(NOW, SigSeedSubFilter.PADES, bytes_reserved=size)
    dictionary[pdf_name(CERTIFICATES)] = ByteStringObject(envelope.certificates_sha256)
    embedding.send(SigObjSetup(dictionary))
    covered, output = embedding.send(SigIOSetup("sha256"))
    digest = covered.document_digest
    (signature,) = STRANGER.sign([hashlib.sha256(envelope.to_sign(digest)).digest()])
    embedding.send(envelope.filled(digest=digest, signature=signature))
    return bytes(output.getvalue())


def embedded_in_another() -> bytes:
    out = io.BytesIO()
    with pikepdf.open(io.BytesIO(plain_pdf("Another invoice"))) as pdf:
        pdf.attachments["invoice.pdf"] = pikepdf.AttachedFileSpec(pdf, SEALED)
        pdf.save(out, compress_streams=False)
    return out.getvalue()


def place_widened_over_the_dictionary() -> bytes:
    """The range leaves out what follows the digits too, where something else is written."""
    return re.sub(rb"/ByteRange \[0 (\d+) (\d+) (\d+)\]", _wider, SEALED)


def _wider(match: re.Match[bytes]) -> bytes:
    start, end, rest = (int(number) for number in match.groups())
    return b"/ByteRange [0 %d %d %d]" % (start, end + 40, rest - 40)


def covering_less() -> bytes:
    """The last bytes are left out of the range."""
    return re.sub(
        rb"/ByteRange \[0 (\d+) (\d+) (\d+)\]",
        lambda m: b"/ByteRange [0 %d %d %d]" % (int(m[1]), int(m[2]), int(m[3]) - 100),
        SEALED,
    )


def covering_not_the_beginning() -> bytes:
    return SEALED.replace(b"/ByteRange [0 ", b"/ByteRange [9 ")


def overlapping() -> bytes:
    return re.sub(rb"/ByteRange \[0 (\d+) (\d+) ", lambda m: b"/ByteRange [0 %d %d " % (int(m[2]), int(m[1])), SEALED)


def digits_moved() -> bytes:
    """The same covered bytes, with the digits elsewhere among them."""
    digits, rest = SEALED[START:END], SEALED[:START] + SEALED[END:]
    return rest[:400] + digits + rest[400:]


def digits_moved_to_where_a_text_says() -> bytes:
    """The same covered bytes, in a file of ours whose text says, as if by chance, that the digits stand elsewhere."""
    sealed = seal(with_text(dictionary_in_words(0, 0, 0)), key=KEY, at=NOW)
    start = sealed.index(b"/Contents <") + len(b"/Contents ")
    size = sealed.index(b">", start) + 1 - start
    sealed = seal(with_text(dictionary_in_words(1000, 1000 + size, len(sealed) - 1000 - size)), key=KEY, at=NOW)
    rest = sealed[:start] + sealed[start + size :]
    return rest[:1000] + sealed[start : start + size] + rest[1000:]


def dictionary_in_words(*numbers: int) -> str:
    """A text with all that stands in a seal's dictionary."""
    certificates = Envelope(KEY.chain).certificates_sha256.hex()
    said = " ".join(f"{number:010}" for number in numbers)
    return f" obj /ByteRange [0 {said}] /SealCertificates <{certificates}> /M (D:20261102081500Z)"


def with_text(text: str) -> bytes:
    out = io.BytesIO()
    with pikepdf.open(io.BytesIO(plain_pdf(pages=20))) as pdf:
        pdf.Root.Words = pdf.make_stream(text.encode())
        pdf.save(out, compress_streams=False, static_id=True)
    return out.getvalue()


def sealed_by_a_stranger_over_a_part() -> bytes:
    """A range that says of itself that it is whole, while a stranger adds pages behind it and mends the range."""
    longer = SEALED + b"1 0 obj\n<<>>\nendobj\n%%EOF\n"
    return re.sub(
        rb"/ByteRange \[0 (\d+) (\d+) (\d+)\]",
        lambda m: b"/ByteRange [0 %s %s %d]" % (m[1], m[2], len(longer) - int(m[2])),
        longer,
    )


def cms_of_another_invoice() -> bytes:
    other = seal(invoice_pdf() + b"\n", key=KEY, at=NOW)
    start = other.index(b"/Contents <") + len(b"/Contents <")
    return digits_replaced(bytes.fromhex(other[start : other.index(b">", start)].decode()))


def our_certificate_beside_a_stranger_signature() -> bytes:
    envelope = Envelope(KEY.chain)
    digest = hashlib.sha256(SEALED[:START] + SEALED[END:]).digest()
    (signature,) = STRANGER.sign([hashlib.sha256(envelope.to_sign(digest)).digest()])
    return digits_replaced(envelope.filled(digest=digest, signature=signature))


def a_certificate_added_to_the_bag() -> bytes:
    prepared = prepare(invoice_pdf(), key=KeyWithRoom(), at=NOW)
    (signature,) = KEY.sign([prepared.to_sign])
    cms = Envelope(KEY.chain).filled(digest=prepared.digest, signature=signature)
    bag = re.search(rb"\xa0\x82..\x30\x82", cms, re.DOTALL)
    assert bag
    start, end = prepared.place
    stuffed = cms[: bag.end() - 2] + STRANGER.chain[0].public_bytes(Encoding.DER) + cms[bag.end() - 2 :]
    return prepared.pdf[:start] + stuffed.hex().upper().encode().ljust(end - start, b"0") + prepared.pdf[end:]


def certificates_exchanged() -> bytes:
    """The issuer's certificate replaced by another with its name, as long as it."""
    private = SoftwareKey(private_key=KEY._key, chain=(KEY.chain[0], STRANGER.chain[1]))
    prepared = prepare(invoice_pdf(), key=KeyWithRoom(), at=NOW)
    (signature,) = KEY.sign([prepared.to_sign])
    cms = Envelope(private.chain).filled(digest=prepared.digest, signature=signature)
    start, end = prepared.place
    return prepared.pdf[:start] + cms.hex().upper().encode().ljust(end - start, b"0") + prepared.pdf[end:]


def something_behind_the_cms() -> bytes:
    prepared = prepare(invoice_pdf(), key=KeyWithRoom(), at=NOW)
    (signature,) = KEY.sign([prepared.to_sign])
    sealed = prepared.sealed(signature)
    end = prepared.place[1]
    assert verify(sealed, ours=OURS).valid  # zeros only, so far
    return sealed[: end - 8] + b"DEADBEEF" + sealed[end:]


class KeyWithRoom(SoftwareKey):
    """Our key, announcing larger signatures than it makes."""

    def __init__(self) -> None:
        super().__init__(private_key=KEY._key, chain=KEY.chain)

    @property
    def signature_size(self) -> int:
        return 4000


ATTACKS: list[Callable[[], bytes]] = [
    shadowed,
    annotated,
    unsealed_by_update,
    unsealed_by_rewriting,
    rewritten,
    seal_renamed,
    never_sealed,
    signed_again_as_the_tutorial_has_it,
    signed_again_in_our_own_form,
    embedded_in_another,
    place_widened_over_the_dictionary,
    covering_less,
    covering_not_the_beginning,
    overlapping,
    digits_moved,
    digits_moved_to_where_a_text_says,
    certificates_exchanged,
    sealed_by_a_stranger_over_a_part,
    cms_of_another_invoice,
    our_certificate_beside_a_stranger_signature,
    a_certificate_added_to_the_bag,
    something_behind_the_cms,
]


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


def in_place_of_a_seal(cms: bytes) -> bytes:
    """A file that is little else than these bytes, where the CMS of a seal would be."""
    digits = cms.hex().upper().encode()
    return b"%PDF-1.7\n1 0 obj<" + digits + b">/ByteRange [0 16 %010d 0000000042]endobj" % (len(digits) + 18)


JUNK = {
    "empty": b"",
    "text": b"Facture R0042-2026-00011",
    "zip": b"PK\x03\x04" + bytes(200),
    "header only": b"%PDF-1.7\n",
    "50 MB of zeros": b"%PDF-1.7\n" + bytes(50_000_000),
    "5 MB of byte ranges": b"%PDF-1.7\n<>" + b"/ByteRange [0 9 11 5]" * 240_000,
    "5 MB of other byte ranges": b"%PDF-1.7\n<>" + b"/ByteRange [0 1 2 3]" * 250_000,
    "a large envelope": in_place_of_a_seal(der.encode(der.SEQUENCE, b"\x05\x00" * 1_000_000)),
    "50 MB of digits": b"%PDF-1.7\n1 0 obj<" + b"A" * 50_000_000 + b">/ByteRange [0 16 50000018 34]endobj",
}


@pytest.mark.parametrize("junk", JUNK.values(), ids=JUNK.keys())
def test_junk_is_judged_not_parsed(junk: bytes) -> None:
    verdict = verify(junk, ours=OURS)
    assert not verdict.valid
    assert verdict.sha256 == hashlib.sha256(junk).hexdigest()


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


def test_poppler_agrees_on_the_untouched_file(tmp_path: Path) -> None:
    file = tmp_path / "sealed.pdf"
    file.write_bytes(SEALED)
    said = subprocess.run(["pdfsig", "-nocert", file], capture_output=True, text=True, check=True).stdout
    assert "Signature is Valid" in said


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


def sealed_under(certificate: x509.Certificate, *, by: SoftwareKey) -> bytes:
    """The invoice sealed by that key under that certificate, whatever it is worth."""
    envelope = Envelope([certificate])
    prepared = prepare(invoice_pdf(), key=KeyWithRoom(), at=NOW)
    said, says = (one.certificates_sha256.hex().encode() for one in (Envelope(KEY.chain), envelope))
    start, end = prepared.place
    before, after = prepared.pdf[:start], prepared.pdf[end:].replace(said, says)
    digest = hashlib.sha256(before[:-1] + after[1:]).digest()
    (signature,) = by.sign([hashlib.sha256(envelope.to_sign(digest)).digest()])
    cms = envelope.filled(digest=digest, signature=signature)
    return before + cms.hex().upper().encode().ljust(end - start, b"0") + after
