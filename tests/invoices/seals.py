"""What the tests of seals need: PDFs to seal, and keys with any certificate one may wish."""

import datetime as dt
import io
from collections.abc import Iterable
from pathlib import Path

import pikepdf
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import BestAvailableEncryption, NoEncryption, pkcs12
from reportlab.pdfgen import canvas

from invoices.sealing.keys.software import PrivateKey, SoftwareKey

NOW = dt.datetime(2026, 11, 2, 8, 15, tzinfo=dt.UTC)
XMP = b"""<?xpacket begin="\xef\xbb\xbf" id="W5M0MpCehiHzreSzNTczkc9d"?>
<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">
<rdf:Description rdf:about="" xmlns:fx="urn:factur-x:pdfa:CrossIndustryDocument:invoice:1p0#">
<fx:ConformanceLevel>EN 16931</fx:ConformanceLevel></rdf:Description></rdf:RDF></x:xmpmeta>
<?xpacket end="w"?>"""
XML = b"<rsm:CrossIndustryInvoice/>"
SEALING = x509.KeyUsage(True, True, False, False, False, False, False, False, False)
ISSUING = x509.KeyUsage(False, False, False, False, False, True, True, False, False)
ENCRYPTING = x509.KeyUsage(False, False, True, False, False, False, False, False, False)


def plain_pdf(text: str = "Facture R0042-2026-00011", *, pages: int = 1) -> bytes:
    """A page or more by ReportLab, with a cross-reference table."""
    out = io.BytesIO()
    page = canvas.Canvas(out)
    for _ in range(pages):
        page.drawString(100, 700, text)
        page.showPage()
    page.save()
    return out.getvalue()


def invoice_pdf(*, streams: pikepdf.ObjectStreamMode = pikepdf.ObjectStreamMode.disable) -> bytes:
    """With XMP and an attachment, as a Factur-X file has; streams=generate: with a cross-reference stream."""
    out = io.BytesIO()
    with pikepdf.open(io.BytesIO(plain_pdf())) as pdf:
        pdf.attachments["factur-x.xml"] = pikepdf.AttachedFileSpec(pdf, XML, mime_type="text/xml")
        pdf.Root.Metadata = pdf.make_stream(XMP, Type=pikepdf.Name.Metadata, Subtype=pikepdf.Name.XML)
        pdf.save(out, object_stream_mode=streams, force_version="1.7", fix_metadata_version=False)
    return out.getvalue()


def key_named(
    name: str,
    *,
    root: str = "Autorité des cachets",
    usage: x509.KeyUsage | None = SEALING,
    days: tuple[int, int] = (-30, 700),
    more: Iterable[x509.ExtensionType] = (),
    elliptic: bool = False,
) -> SoftwareKey:
    """A key whose certificate says that; days: its first and last, counted from NOW."""
    private, ours, issuer = pair(name, root=root, usage=usage, days=days, more=more, elliptic=elliptic)
    return SoftwareKey(private_key=private, chain=(ours, issuer))


def pair(
    name: str,
    *,
    root: str = "Autorité des cachets",
    usage: x509.KeyUsage | None = SEALING,
    days: tuple[int, int] = (-30, 700),
    more: Iterable[x509.ExtensionType] = (),
    elliptic: bool = False,
) -> tuple[PrivateKey, x509.Certificate, x509.Certificate]:
    """A private key, its certificate, and the certificate of the root that made it."""
    issuer_key = ec.generate_private_key(ec.SECP256R1())
    private: PrivateKey = (
        ec.generate_private_key(ec.SECP256R1()) if elliptic else rsa.generate_private_key(public_exponent=65537, key_size=2048)
    )
    extensions = [*([usage] if usage else []), *more]
    issuer = certificate(root, issuer=root, of=issuer_key, by=issuer_key, days=(-900, 9000), extensions=[ISSUING])
    ours = certificate(name, issuer=root, of=private, by=issuer_key, days=days, extensions=extensions)
    return private, ours, issuer


def pkcs12_file(folder: Path, *, password: str, parts: tuple[PrivateKey, x509.Certificate, x509.Certificate]) -> Path:
    """Those parts as a PKCS#12 file with that password."""
    private, ours, issuer = parts
    encryption = BestAvailableEncryption(password.encode()) if password else NoEncryption()
    file = folder / "seal.p12"
    file.write_bytes(pkcs12.serialize_key_and_certificates(b"seal", private, ours, [issuer], encryption))
    return file


def certificate(
    name: str,
    *,
    issuer: str,
    of: PrivateKey,
    by: ec.EllipticCurvePrivateKey,
    days: tuple[int, int],
    extensions: Iterable[x509.ExtensionType],
) -> x509.Certificate:
    """A certificate of that name for one key, signed by another."""
    builder = (
        x509.CertificateBuilder()
        .subject_name(x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, name)]))
        .issuer_name(x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, issuer)]))
        .public_key(of.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(NOW + dt.timedelta(days=days[0]))
        .not_valid_after(NOW + dt.timedelta(days=days[1]))
        .add_extension(x509.BasicConstraints(ca=name == issuer, path_length=None), critical=True)
    )
    for extension in extensions:
        builder = builder.add_extension(extension, critical=isinstance(extension, x509.KeyUsage))
    return builder.sign(by, SHA256())
