"""A sealed PDF: what was given, plus one update that independent readers call a valid seal of the whole file."""

import datetime as dt
import io
import subprocess
from collections.abc import Sequence
from pathlib import Path

import pikepdf
import pytest
from asn1crypto import x509 as asn1_x509
from asn1crypto.keys import PrivateKeyInfo
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign import PdfTimeStamper
from pyhanko.sign.diff_analysis import ModificationLevel
from pyhanko.sign.timestamps import DummyTimeStamper
from pyhanko.sign.validation import validate_pdf_signature
from pyhanko.sign.validation.status import PdfSignatureStatus, SignatureCoverageLevel
from pyhanko_certvalidator import ValidationContext

from invoices.sealing.keys import SealKey, SealKeyUnavailable
from invoices.sealing.seal import prepare, seal
from tests.invoices.seals import NOW, XML, XMP, invoice_pdf, key_named, pair, plain_pdf


@pytest.fixture(scope="module")
def key() -> SealKey:
    return key_named("Réseau Relais")


def by_pyhanko(pdf: bytes, *, key: SealKey) -> PdfSignatureStatus:
    (root,) = (asn1_x509.Certificate.load(one.public_bytes(Encoding.DER)) for one in key.chain[1:])
    context = ValidationContext(trust_roots=[root], moment=NOW, allow_fetching=False)
    return validate_pdf_signature(PdfFileReader(io.BytesIO(pdf)).embedded_regular_signatures[0], context)


def test_independent_readers_find_a_valid_seal_of_the_whole_file(key: SealKey, tmp_path: Path) -> None:
    file = tmp_path / "sealed.pdf"
    file.write_bytes(seal(invoice_pdf(), key=key, at=NOW))

    poppler = subprocess.run(["pdfsig", "-nocert", file], capture_output=True, text=True, check=True).stdout
    assert "Signature is Valid" in poppler
    assert "Total document signed" in poppler
    assert "ETSI.CAdES.detached" in poppler
    assert "Signature Field Name: Seal" in poppler
    qpdf = subprocess.run(["qpdf", "--check", file], capture_output=True, text=True, check=True)
    assert "WARNING" not in qpdf.stdout + qpdf.stderr
    status = by_pyhanko(file.read_bytes(), key=key)
    assert status.bottom_line
    assert status.coverage == SignatureCoverageLevel.ENTIRE_FILE


def test_an_elliptic_key_seals_too(tmp_path: Path) -> None:
    key = key_named("Réseau Relais", elliptic=True)
    for _ in range(20):  # the size of its signatures varies
        assert by_pyhanko(seal(plain_pdf(), key=key, at=NOW), key=key).bottom_line


def test_the_sealed_file_begins_with_the_file_and_ends_with_its_end_line(key: SealKey) -> None:
    pdf = invoice_pdf()
    sealed = seal(pdf, key=key, at=NOW)
    assert sealed.startswith(pdf)
    assert sealed.endswith(b"\n%%EOF\n")


def test_metadata_and_attachment_come_out_byte_for_byte(key: SealKey) -> None:
    before, after = invoice_pdf(), seal(invoice_pdf(), key=key, at=NOW)
    with pikepdf.open(io.BytesIO(before)) as old, pikepdf.open(io.BytesIO(after)) as new:
        assert new.Root.Metadata.read_raw_bytes() == old.Root.Metadata.read_raw_bytes() == XMP
        assert new.attachments["factur-x.xml"].get_file().read_bytes() == XML
        assert dict(new.docinfo) == dict(old.docinfo)


def test_the_field_is_invisible_and_printable_and_allows_no_change(key: SealKey) -> None:
    with pikepdf.open(io.BytesIO(seal(plain_pdf(pages=3), key=key, at=NOW))) as pdf:
        (field,) = pdf.Root.AcroForm.Fields
        assert [int(side) for side in field.Rect] == [0, 0, 0, 0]
        assert int(field.F) & 4  # PDF/A wants the print flag
        assert str(field.TU) == "Cachet électronique"
        assert [(page.get("/Tabs"), len(page.get("/Annots", []))) for page in pdf.pages] == [("/S", 1), (None, 0), (None, 0)]
        assert int(field.V.Reference[0].TransformParams.P) == 1
        assert pdf.Root.Perms.DocMDP.objgen == field.V.objgen
        assert str(field.V.M) == "D:20261102081500Z"


def test_nothing_is_reserved_beyond_the_cms(key: SealKey) -> None:
    with pikepdf.open(io.BytesIO(seal(plain_pdf(), key=key, at=NOW))) as pdf:
        cms = bytes(pdf.Root.AcroForm.Fields[0].V.Contents)
    assert len(cms) == 4 + int.from_bytes(cms[2:4], "big")


def test_the_key_signs_once(key: SealKey) -> None:
    class Counting:
        chain, home, signature_size = key.chain, key.home, key.signature_size
        asked: list[bytes] = []

        def sign(self, digests: Sequence[bytes]) -> list[bytes]:
            self.asked += digests
            return key.sign(digests)

    counting = Counting()
    assert by_pyhanko(seal(plain_pdf(), key=counting, at=NOW), key=key).bottom_line
    assert len(counting.asked) == 1


def test_many_are_signed_in_one_call(key: SealKey) -> None:
    prepared = [prepare(plain_pdf(str(number)), key=key, at=NOW) for number in range(3)]
    signatures = key.sign([one.to_sign for one in prepared])
    for one, signature in zip(prepared, signatures, strict=True):
        assert by_pyhanko(one.sealed(signature), key=key).bottom_line


def test_a_signature_larger_than_announced_is_not_cut(key: SealKey) -> None:
    with pytest.raises(ValueError, match="larger"):
        prepare(plain_pdf(), key=key, at=NOW).sealed(bytes(key.signature_size + 1))


def test_a_later_timestamp_is_permitted(key: SealKey) -> None:
    private, tsa, _ = pair("Horodatage")
    stamper = DummyTimeStamper(
        tsa_cert=asn1_x509.Certificate.load(tsa.public_bytes(Encoding.DER)),
        tsa_key=PrivateKeyInfo.load(private.private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption())),
        fixed_dt=NOW,
    )
    writer = IncrementalPdfFileWriter(io.BytesIO(seal(invoice_pdf(), key=key, at=NOW)))
    stamped = PdfTimeStamper(stamper).timestamp_pdf(writer, "sha256")
    status = by_pyhanko(stamped.getvalue(), key=key)
    assert status.bottom_line
    assert status.coverage == SignatureCoverageLevel.ENTIRE_REVISION
    assert status.modification_level == ModificationLevel.LTA_UPDATES


def test_a_sealed_file_is_not_sealed_again(key: SealKey) -> None:
    with pytest.raises(ValueError, match="sealed once"):
        seal(seal(plain_pdf(), key=key, at=NOW), key=key, at=NOW)


@pytest.mark.parametrize(("days", "said"), [((-30, -1), "expired on 2026-11-01"), ((1, 700), "valid only from 2026-11-03")])
def test_a_certificate_out_of_its_time_seals_nothing(days: tuple[int, int], said: str) -> None:
    with pytest.raises(SealKeyUnavailable, match=said):
        seal(plain_pdf(), key=key_named("Réseau Relais", days=days), at=NOW)


def test_the_instant_must_be_aware(key: SealKey) -> None:
    with pytest.raises(TypeError):
        seal(plain_pdf(), key=key, at=dt.datetime(2026, 11, 2, 8, 15))  # noqa: DTZ001
