"""The attacks on signed PDFs that researchers published, tried on a sealed invoice: each gives the file before and after.

Incremental saving, signature wrapping, universal signature forgery: Mladenov et al., CCS 2019. Shadow documents (hide,
replace, hide and replace): Mainka et al., NDSS 2021. Evil annotation, sneaky signature: Rohlmann et al., S&P 2021.
"""

import io
import re
from collections.abc import Callable
from functools import partial

from asn1crypto import x509 as asn1_x509
from asn1crypto.keys import PrivateKeyInfo
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.sign import PdfSignatureMetadata, SimpleSigner
from pyhanko.sign.fields import SigFieldSpec, SigSeedSubFilter
from pyhanko.stamp import TextStampStyle
from pyhanko_certvalidator.registry import SimpleCertificateStore

from invoices.sealing.seal import seal
from invoices.sealing.update import Original, appended, array_of, stream, written
from tests.invoices.attacks import END, KEY, SEALED, START, STRANGER, Lawless
from tests.invoices.seals import NOW, invoice_pdf, pair, plain_pdf

BeforeAndAfter = tuple[bytes, bytes]
FORGED = "Facture R0042-2026-99999"
FORGED_PAGE = stream(b"BT /F1 12 Tf 100 700 Td (%b) Tj ET" % FORGED.encode())
COVER = b"1 1 1 rg 90 690 300 30 re f 0 0 0 rg BT /F1 12 Tf 100 700 Td (%b) Tj ET" % FORGED.encode()
"""A white box over the number, and another number on it."""
CATALOG, ATTACHMENT, PAGE, CONTENT, FONTS, FONT, FORM, FIELD, SIGNATURE, NEXT = 1, 7, 8, 9, 10, 11, 12, 13, 14, 15
"""The objects of SEALED."""


def updated(pdf: bytes, objects: dict[int, bytes]) -> bytes:
    """That file with an update of our own making."""
    return appended(Original(pdf), objects)[0]


def entries(number: int, *, of: bytes = SEALED, **changed: bytes) -> bytes:
    """A dictionary of the file with entries changed."""
    return written(Original(of).entries(number) | {b"/" + key.encode(): value for key, value in changed.items()})


def incremental_saving() -> BeforeAndAfter:
    return SEALED, updated(SEALED, {CONTENT: FORGED_PAGE})


def incremental_saving_without_a_table() -> BeforeAndAfter:
    """A reader that finds no table looks for objects itself, and takes the last."""
    update = b"%d 0 obj\n%b\nendobj\ntrailer << /Root 1 0 R >>\nstartxref\n0\n%%%%EOF\n" % (CONTENT, FORGED_PAGE)
    return SEALED, SEALED + update


def incremental_saving_with_a_copied_seal() -> BeforeAndAfter:
    objects = {CONTENT: FORGED_PAGE, FIELD: entries(FIELD, V=b"%d 0 R" % NEXT), NEXT: entries(SIGNATURE)}
    return SEALED, updated(SEALED, objects)


def signature_wrapping() -> BeforeAndAfter:
    """What the seal covers after its digits is moved back, and the gap has another end of its dictionary and another page.

    The table of the gap stands where the old one stood, so the moved startxref finds it.
    """
    old = Original(SEALED).table_at
    forged_at = old + 600
    moved_to = forged_at + 200
    rest = len(SEALED) - END
    dictionary = b"\n/ByteRange [0 %d %d %d] /Type /Sig /Filter /Adobe.PPKLite /SubFilter /ETSI.CAdES.detached >>\nendobj\n"
    place = {one: Original(SEALED).start(one) for one in (CATALOG, PAGE, FORM, FIELD, SIGNATURE)} | {CONTENT: forged_at}
    table = b"xref\n" + b"".join(b"%d 1\n%010d 00000 n \n" % (one, place[one]) for one in sorted(place))
    table += b"trailer\n<< /Root 1 0 R /Size %d /Prev %d >>\n" % (NEXT, int(Original(SEALED).trailer[b"/Prev"]))
    wrapped = SEALED[:END] + dictionary % (START, moved_to, rest)
    wrapped = wrapped.ljust(old) + table
    wrapped = wrapped.ljust(forged_at) + b"%d 0 obj\n%b\nendobj\n" % (CONTENT, FORGED_PAGE)
    return SEALED, wrapped.ljust(moved_to) + SEALED[END:]


def universal_forgery(changed: Callable[[bytes], bytes]) -> BeforeAndAfter:
    """Another page, and a seal in which there is nothing to check."""
    return SEALED, updated(SEALED, {CONTENT: FORGED_PAGE, SIGNATURE: changed(entries(SIGNATURE))})


def contents_are(value: bytes) -> Callable[[bytes], bytes]:
    return lambda dictionary: re.sub(rb"/Contents <[^>]*>", value, dictionary)


def range_is(value: bytes) -> Callable[[bytes], bytes]:
    return lambda dictionary: re.sub(rb"/ByteRange \[[^\]]*\]", value, dictionary)


UNIVERSAL = {
    "contents missing": contents_are(b""),
    "contents null": contents_are(b"/Contents null"),
    "contents empty": contents_are(b"/Contents <>"),
    "contents zero": contents_are(b"/Contents <00>"),
    "range missing": range_is(b""),
    "range null": range_is(b"/ByteRange null"),
    "range zero": range_is(b"/ByteRange [0 0 0 0]"),
    "range negative": range_is(b"/ByteRange [0 -1 -1 -1]"),
}


def shadow(prepared: dict[int, bytes], update: dict[int, bytes]) -> BeforeAndAfter:
    """Something that is prepared before the sealing, and used after it."""
    before = seal(updated(invoice_pdf(), prepared), key=KEY, at=NOW)
    return before, updated(before, update)


def shadow_hide() -> BeforeAndAfter:
    """What covers a text is taken away."""
    page = entries(PAGE, of=invoice_pdf(), Contents=array_of([CONTENT, 12]))
    return shadow({PAGE: page, 12: stream(COVER)}, {12: stream(b"")})


def shadow_replace() -> BeforeAndAfter:
    """A font's letters are exchanged: 1 is shown as 9."""
    encoding = b"<< /Type /Encoding /BaseEncoding /WinAnsiEncoding /Differences [ 48 /%b ] >>"
    font = entries(FONT, of=invoice_pdf(), Encoding=b"12 0 R")
    return shadow({FONT: font, 12: encoding % b"zero"}, {12: encoding % b"nine"})


def shadow_hide_and_replace() -> BeforeAndAfter:
    """The other page lies in the sealed file, in a stream that nobody uses; only a table is appended, which points to it."""
    hidden = b"%d 0 obj\n%b\nendobj\n" % (CONTENT, FORGED_PAGE)
    before = seal(updated(invoice_pdf(), {12: stream(hidden)}), key=KEY, at=NOW)
    table = b"xref\n%d 1\n%010d 00000 n \ntrailer\n<< /Root 1 0 R /Size %d /Prev %d >>\nstartxref\n%d\n%%%%EOF\n"
    return before, before + table % (CONTENT, before.index(hidden), NEXT + 1, Original(before).table_at, len(before))


def evil_annotation() -> BeforeAndAfter:
    note = b"<< /Type /Annot /Subtype /Stamp /F 4 /Rect [ 90 690 390 720 ] /P %d 0 R /AP << /N %d 0 R >> >>" % (PAGE, NEXT + 1)
    look = b"<< /Type /XObject /Subtype /Form /BBox [ 90 690 390 720 ] /Resources << /Font %d 0 R >> /Length %d >>\nstream\n%b\nendstream"
    objects = {
        PAGE: entries(PAGE, Annots=array_of([FIELD, NEXT])),
        NEXT: note,
        NEXT + 1: look % (FONTS, len(COVER), COVER),
    }
    return SEALED, updated(SEALED, objects)


def sneaky_signature() -> BeforeAndAfter:
    """A stranger's signature, whose picture covers the number with another one."""
    private, certificate, _ = pair("Un autre")
    signer = SimpleSigner(
        signing_cert=asn1_x509.Certificate.load(certificate.public_bytes(Encoding.DER)),
        signing_key=PrivateKeyInfo.load(private.private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption())),
        cert_registry=SimpleCertificateStore(),  # type: ignore[no-untyped-call]
    )
    meta = PdfSignatureMetadata(field_name="Another", subfilter=SigSeedSubFilter.PADES)
    field = SigFieldSpec("Another", box=(90, 690, 390, 720))
    sneaky = Lawless(meta, signer=signer, stamp_style=TextStampStyle(stamp_text=FORGED), new_field_spec=field)
    return SEALED, bytes(sneaky.sign_pdf(IncrementalPdfFileWriter(io.BytesIO(SEALED))).getvalue())


def a_stranger_with_our_name() -> BeforeAndAfter:
    """Another invoice, sealed in every respect as ours are, by a certificate with our names and another key."""
    return SEALED, seal(plain_pdf(FORGED), key=STRANGER, at=NOW)


def attached(xml: bytes) -> BeforeAndAfter:
    """Another attachment for machines behind the same page."""
    head = b"<< /Type /EmbeddedFile /Subtype /text#2fxml /Length %d >>\nstream\n%b\nendstream"
    return SEALED, updated(SEALED, {ATTACHMENT: head % (len(xml), xml)})


LAUGHS = b"<!DOCTYPE x [<!ENTITY a0 'ha'>%b]><x>&a9;</x>" % b"".join(
    b"<!ENTITY a%d '%b'>" % (one + 1, b"&a%d;" % one * 10) for one in range(9)
)
SECRET = "file:///etc/hostname"
EXTERNAL = b"<!DOCTYPE x [<!ENTITY a SYSTEM '%b'>]><x>&a;</x>" % SECRET.encode()

PUBLISHED: dict[str, Callable[[], BeforeAndAfter]] = {
    "incremental saving": incremental_saving,
    "incremental saving without a table": incremental_saving_without_a_table,
    "incremental saving with a copied seal": incremental_saving_with_a_copied_seal,
    "signature wrapping": signature_wrapping,
    **{f"universal forgery, {name}": partial(universal_forgery, changed) for name, changed in UNIVERSAL.items()},
    "shadow: hide": shadow_hide,
    "shadow: replace": shadow_replace,
    "shadow: hide and replace": shadow_hide_and_replace,
    "evil annotation": evil_annotation,
    "sneaky signature": sneaky_signature,
    "a stranger with our name": a_stranger_with_our_name,
    "another XML": partial(attached, b"<rsm:CrossIndustryInvoice amount='999999.99'/>"),
    "billion laughs": partial(attached, LAUGHS),
    "external entity": partial(attached, EXTERNAL),
}
