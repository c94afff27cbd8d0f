"""Each level is what it says, to us and to others; and one leads to the next without a byte changing that was there."""

import asyncio
import datetime as dt
import io
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pikepdf
import pytest
from asn1crypto import x509 as asn1_x509
from cryptography.hazmat.primitives.serialization import Encoding
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.ades.report import AdESPassed
from pyhanko.sign.validation.ades import ades_lta_validation
from pyhanko.sign.validation.policy_decl import (
    PdfSignatureValidationSpec,
    RevinfoOnlineFetchingRule,
    RevocationInfoGatheringSpec,
    SignatureValidationSpec,
)
from pyhanko_certvalidator.context import CertValidationPolicySpec
from pyhanko_certvalidator.ltv.types import ValidationTimingInfo
from pyhanko_certvalidator.policy_decl import REQUIRE_REVINFO, CertRevTrustPolicy
from pyhanko_certvalidator.registry import SimpleTrustManager

from invoices.sealing.keys import Home, fingerprint, name_of
from invoices.sealing.prolonging import digest_to_timestamp, prepare_archiving, with_validation_data
from invoices.sealing.validation_data import ValidationData
from invoices.sealing.verdicts import Kind, Pades
from invoices.sealing.verification import verify
from tests.invoices.authorities import World, authority
from tests.invoices.prolonged import Levels, data_for, levels, stamped
from tests.invoices.seals import NOW, XML, XMP, invoice_pdf, plain_pdf

YEAR = dt.timedelta(days=365)


@pytest.fixture(scope="module")
def running() -> Iterator[World]:
    with authority() as world:
        yield world


@pytest.fixture
def world(running: World) -> World:
    return running.until(NOW)


@pytest.fixture(scope="module")
def of_rsa(running: World) -> Levels:
    return levels(running)


@pytest.fixture(scope="module")
def of_elliptic(running: World) -> Levels:
    return levels(running, label="elliptic")


@pytest.fixture(params=["rsa", "elliptic"])
def made(request: pytest.FixtureRequest, of_rsa: Levels, of_elliptic: Levels) -> Levels:
    return of_rsa if request.param == "rsa" else of_elliptic


def test_each_level_is_recognised(made: Levels) -> None:
    found = [made.judged(pdf) for pdf in (made.b, made.t, made.lt, made.lta, made.renewed)]
    assert [verdict.kind for verdict in found] == [Kind.OURS] * 5
    assert [verdict.pades for verdict in found] == [Pades.B, Pades.T, Pades.LT, Pades.LTA, Pades.LTA]
    assert [len(verdict.timestamps) for verdict in found] == [0, 1, 1, 2, 3]
    assert {(stamp.at, stamp.authority) for verdict in found for stamp in verdict.timestamps} == {(NOW, "stamper")}
    assert [verdict.renew_before is not None for verdict in found] == [False, True, True, True, True]
    assert {verdict.why for verdict in found} == {f"Sealed by « {name_of(made.key.chain[0])} » and unchanged since."}


def test_nothing_that_was_there_changes(made: Levels) -> None:
    assert made.lt.startswith(made.t)
    assert made.lta.startswith(made.t)
    assert made.renewed.startswith(made.lta)
    start, end = made.b.index(b"/Contents <") + 11, made.b.index(b">", made.b.index(b"/Contents <"))
    assert (made.t[:start], made.t[end:]) == (made.b[:start], made.b[end:])


def test_pyhanko_finds_a_chain_of_proofs_in_the_file_alone(made: Levels) -> None:
    """By EN 319 102-1 §5.6.3, revocation required for each certificate, nothing fetched."""
    root = asn1_x509.Certificate.load(made.root.public_bytes(Encoding.DER))
    policy = CertValidationPolicySpec(
        trust_manager=SimpleTrustManager.build(trust_roots=[root]),
        revinfo_policy=CertRevTrustPolicy(revocation_checking_policy=REQUIRE_REVINFO),
    )
    gathering = RevocationInfoGatheringSpec(online_fetching_rule=RevinfoOnlineFetchingRule.LOCAL_ONLY)
    spec = PdfSignatureValidationSpec(SignatureValidationSpec(cert_validation_policy=policy, revinfo_gathering_policy=gathering))
    now = ValidationTimingInfo(validation_time=NOW, best_signature_time=NOW, point_in_time_validation=True)
    for pdf in (made.lta, made.renewed):
        seal = PdfFileReader(io.BytesIO(pdf)).embedded_regular_signatures[0]
        status = asyncio.run(ades_lta_validation(seal, spec, timing_info=now))
        assert status.ades_subindic == AdESPassed.OK, status
        assert status.oldest_evidence_record_timestamp == NOW


def test_poppler_finds_the_seal_valid_at_each_level(made: Levels, tmp_path: Path) -> None:
    for name in ("b", "t", "lt", "lta", "renewed"):
        file = tmp_path / f"{name}.pdf"
        file.write_bytes(getattr(made, name))
        said = subprocess.run(["pdfsig", "-nocert", file], capture_output=True, text=True, check=False).stdout
        assert "Signature is Valid" in said
        assert said.count("Total document signed") == (0 if name == "lt" else 1)  # of a B-LTA file, its last timestamp's


def test_the_page_the_xml_and_the_metadata_are_the_same(made: Levels) -> None:
    with pikepdf.open(io.BytesIO(made.b)) as before, pikepdf.open(io.BytesIO(made.renewed)) as after:
        assert after.check_pdf_syntax() == []
        assert after.attachments["factur-x.xml"].get_file().read_bytes() == XML
        assert after.Root.Metadata.read_raw_bytes() == XMP
        assert after.pages[0].Contents.read_raw_bytes() == before.pages[0].Contents.read_raw_bytes()
        assert [str(field.T) for field in after.Root.AcroForm.Fields] == ["Seal", "Timestamp1", "Timestamp2"]
        assert after.Root.Perms.DocMDP.objgen == after.Root.AcroForm.Fields[0].V.objgen


def test_the_store_holds_each_thing_once(made: Levels) -> None:
    with pikepdf.open(io.BytesIO(made.renewed)) as pdf:
        for key in ("/Certs", "/OCSPs", "/CRLs"):
            held = [one.read_raw_bytes() for one in pdf.Root.DSS[key]]
            assert len(held) == len(set(held))


def test_a_renewal_years_later_proves_the_timestamp_before(world: World, of_rsa: Levels) -> None:
    """Twice, each with the authority's word of that day about the timestamp before."""
    pdf = of_rsa.lta
    for years in (2, 4):
        world.until(NOW + years * YEAR)
        last = of_rsa.judged(pdf).timestamps[-1]
        prepared = prepare_archiving(pdf, data=data_for(world, last.chain))
        renewed = prepared.archived(token=stamped(world, prepared.digest).token)
        assert renewed.startswith(pdf)
        pdf = renewed
    verdict = of_rsa.judged(pdf)
    assert (verdict.kind, verdict.pades) == (Kind.OURS, Pades.LTA)
    assert [stamp.at.year for stamp in verdict.timestamps] == [2026, 2026, 2028, 2030]


def test_validation_data_that_the_file_has_already_are_not_written_again(of_rsa: Levels) -> None:
    assert with_validation_data(of_rsa.lt, data=of_rsa.data) == of_rsa.lt
    assert with_validation_data(of_rsa.lt, data=ValidationData()) == of_rsa.lt


def test_data_that_prove_too_little_make_no_lt(of_rsa: Levels, world: World) -> None:
    responder = world.certificate("responder").public_bytes(Encoding.DER)
    for lacking in (ValidationData(ocsps=of_rsa.data.ocsps, certificates=(responder,)), ValidationData(crls=of_rsa.data.crls)):
        verdict = of_rsa.judged(with_validation_data(of_rsa.t, data=of_rsa.data - lacking))
        assert (verdict.kind, verdict.pades) == (Kind.OURS, Pades.T)


def test_a_file_that_is_not_sealed_is_not_prolonged(of_rsa: Levels) -> None:
    for pdf in (b"", b"%PDF-1.7", plain_pdf(), invoice_pdf()):
        for step in (digest_to_timestamp, lambda one: prepare_archiving(one, data=of_rsa.data)):
            with pytest.raises((ValueError, LookupError)):
                step(pdf)


def test_an_authority_that_is_trusted_by_another_certificate_of_its_chain_is_known_too(of_rsa: Levels, world: World) -> None:
    ours = {fingerprint(of_rsa.key.chain[0]): Home.SOFTWARE}
    for authorities in ([world.certificate("issuer")], [world.certificate("stranger"), of_rsa.root, world.certificate("issuer")]):
        verdict = verify(of_rsa.renewed, ours=ours, authorities=authorities)
        assert (verdict.kind, verdict.pades) == (Kind.OURS, Pades.LTA)
