"""Copies of a sealed invoice that somebody changed, each in another way, and seals that somebody else made."""

import hashlib
import io
import re
from collections.abc import Callable

import pikepdf
from asn1crypto import x509 as asn1_x509
from asn1crypto.keys import PrivateKeyInfo
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from pyhanko.pdf_utils.generic import ByteStringObject, StreamObject, pdf_name
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign import PdfSignatureMetadata, PdfSigner, SimpleSigner
from pyhanko.sign.fields import SigFieldSpec, SigSeedSubFilter
from pyhanko.sign.signers.cms_embedder import PdfCMSEmbedder, SigIOSetup, SigObjSetup
from pyhanko.sign.signers.pdf_byterange import SignatureObject
from pyhanko_certvalidator.registry import SimpleCertificateStore

from invoices.sealing.cms import Envelope
from invoices.sealing.keys import Home, fingerprint
from invoices.sealing.keys.software import SoftwareKey
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


def shadowed() -> bytes:
    """Another page content, by an incremental update."""
    writer = IncrementalPdfFileWriter(io.BytesIO(SEALED))
    page = writer.find_page_for_modification(0)[0].get_object()  # type: ignore[no-untyped-call]
    page["/Contents"] = writer.add_object(StreamObject(stream_data=b"BT /F1 12 Tf 100 700 Td (999 999,99) Tj ET"))
    writer.update_container(page)
    return written(writer)


def catalog_changed() -> bytes:
    """An entry more in the catalog, which shows nothing, by an incremental update."""
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


def contents_emptied() -> bytes:
    """Universal signature forgery: nothing where the signature should be."""
    return SEALED[: START + 1] + SEALED[END - 1 :]


def contents_zeroed() -> bytes:
    return SEALED[: START + 1] + b"0" * (END - START - 2) + SEALED[END - 1 :]


def contents_null() -> bytes:
    return SEALED[:START] + b"null".ljust(END - START) + SEALED[END:]


def byte_range_below_zero() -> bytes:
    return SEALED.replace(b"/ByteRange [0 ", b"/ByteRange [-1 ")


def byte_range_of_one_piece() -> bytes:
    return re.sub(rb"/ByteRange \[[^]]*\]", lambda m: b"/ByteRange [0 %d]".ljust(len(m[0]) + 2) % len(SEALED), SEALED)


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


def digits_moved_before_a_text_that_says_so() -> bytes:
    """The same, to where the text's own byte range follows them, as the seal's does."""
    sealed = seal(with_text(dictionary_in_words(0, 0, 0)), key=KEY, at=NOW)
    size = sealed.index(b">", sealed.index(b"/Contents <")) + 1 - sealed.index(b"/Contents <") - len(b"/Contents ")
    at = sealed.index(b" /ByteRange")
    sealed = seal(with_text(dictionary_in_words(at, at + size, len(sealed) - at - size)), key=KEY, at=NOW)
    start = sealed.index(b"/Contents <") + len(b"/Contents ")
    rest = sealed[:start] + sealed[start + size :]
    return rest[:at] + sealed[start : start + size] + rest[at:]


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
    catalog_changed,
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
    contents_emptied,
    contents_zeroed,
    contents_null,
    byte_range_below_zero,
    byte_range_of_one_piece,
    digits_moved,
    digits_moved_to_where_a_text_says,
    digits_moved_before_a_text_that_says_so,
    certificates_exchanged,
    sealed_by_a_stranger_over_a_part,
    cms_of_another_invoice,
    our_certificate_beside_a_stranger_signature,
    a_certificate_added_to_the_bag,
    something_behind_the_cms,
]


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
