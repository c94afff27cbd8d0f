"""A month at each level: issued, sealed, timestamped, archived, delivered; strangers agree with what is recorded."""

import asyncio
import io
import subprocess
from pathlib import Path

import pytest
from asn1crypto import x509 as asn1_x509
from cryptography.hazmat.primitives.serialization import Encoding
from django.db import IntegrityError, transaction
from django.test import Client
from django.urls import reverse
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.validation import async_validate_pdf_signature
from pyhanko_certvalidator import ValidationContext
from pytest_django import Settings
from pytest_django.asserts import assertContains

from invoices import leasing, production, proving, timestamping
from invoices.delivery import mailing, starting
from invoices.models import Delivery, Document, Due, Invoice, Pades, TimestampAuthority, Unshelved
from invoices.sealing import verdicts
from invoices.sealing.keys import fingerprint
from tests import world as relays
from tests.invoices.authorities import World
from tests.invoices.leveled import clock, issued, seals_at, steps, worked_off
from tests.invoices.leveled import running as running  # noqa: PLC0414  (fixtures)
from tests.invoices.leveled import world as world  # noqa: PLC0414
from tests.invoices.seals import NOW
from tests.invoices.test_sealing_referees import Referee
from tests.invoices.test_sealing_referees import dss as dss  # noqa: PLC0414  (a fixture)

pytestmark = pytest.mark.django_db


def is_valid_to_pyhanko(pdf: bytes, *, world: World) -> bool:
    root = asn1_x509.Certificate.load(world.certificate("root").public_bytes(Encoding.DER))
    context = ValidationContext(trust_roots=[root], moment=NOW, allow_fetching=False)
    seal = PdfFileReader(io.BytesIO(pdf)).embedded_regular_signatures[0]
    return bool(asyncio.run(async_validate_pdf_signature(seal, context, ts_validation_context=context)).bottom_line)


@pytest.mark.parametrize("level", ["B-T", "B-LT", "B-LTA"])
def test_a_month_is_sealed_timestamped_archived_and_delivered(
    level: str, world: World, settings: Settings, tmp_path: Path, dss: Referee
) -> None:
    settings.MAIL_DIR = tmp_path / "mail"  # the same numbers are mailed at each level, by another process at this moment
    seals_at(level, settings=settings, world=world, folder=tmp_path)
    ids = issued(2)
    worked_off(ids)
    assert steps() == ["deliver"] * 2
    for document in Document.objects.all():
        assert (document.pades, document.timestamped_by, document.timestamped_at) == (level, "stamper", NOW)
        assert document.timestamp_ends == world.certificate("stamper").not_valid_after_utc
        assert document.certificate_sha256 == fingerprint(world.certificate("seal"))
        pdf = production.original(document)
        proof = proving.prove(pdf)
        assert (proof.verdict.ours, proof.document, proof.verdict.pades) == (True, document, level)
        assert is_valid_to_pyhanko(pdf, world=world)
    file, root = tmp_path / "invoice.pdf", tmp_path / "root.pem"
    file.write_bytes(pdf)
    root.write_bytes(world.certificate("root").public_bytes(Encoding.PEM))
    (said,) = dss(root, file)
    assert f"PAdES-BASELINE-{level.removeprefix('B-')} {file}" in said
    assert "Signature is Valid" in subprocess.run(["pdfsig", "-nocert", file], capture_output=True, text=True, check=False).stdout
    starting.start(relays.OCTOBER)
    mailing.mail(ids)
    assert list(Delivery.objects.values_list("state", flat=True)) == ["sent"] * 2


def test_what_is_sealed_waits_without_a_document_until_it_has_its_timestamp(world: World, settings: Settings, tmp_path: Path) -> None:
    seals_at("B-LTA", settings=settings, world=world, folder=tmp_path)
    (pk,) = issued(1)
    with clock():
        production.produce([pk])
        assert (steps(), Document.objects.exists()) == (["timestamp"], False)
        sealed = bytes(Unshelved.objects.get(invoice=pk).data)
        timestamping.stamp([pk])
    assert steps() == ["shelve"]
    kept = bytes(Unshelved.objects.get(document__invoice=pk).data)
    assert len(kept) > len(sealed)
    assert kept[: sealed.index(b"/Contents")] == sealed[: sealed.index(b"/Contents")]


def test_a_second_time_nobody_is_asked(world: World, settings: Settings, tmp_path: Path) -> None:
    seals_at("B-T", settings=settings, world=world, folder=tmp_path)
    ids = issued(2)
    worked_off(ids)
    worked_off(ids)
    assert TimestampAuthority.objects.get().asked == 2
    assert Document.objects.count() == 2


def test_what_a_process_has_claimed_no_other_one_touches(world: World, settings: Settings, tmp_path: Path) -> None:
    seals_at("B-T", settings=settings, world=world, folder=tmp_path)
    (pk,) = issued(1)
    with clock():
        production.produce([pk])
        with leasing.claimed(Due.Step.TIMESTAMP, ids=[pk]):
            assert timestamping.stamp([pk]) == 0
        assert timestamping.stamp([pk]) == 1


def test_a_claim_that_was_left_by_a_killed_process_ends(world: World, settings: Settings, tmp_path: Path) -> None:
    seals_at("B-T", settings=settings, world=world, folder=tmp_path)
    (pk,) = issued(1)
    with clock():
        production.produce([pk])
        Due.objects.update(claimed_until=NOW + leasing.LEASE)
        assert timestamping.stamp([pk]) == 0
        Due.objects.update(claimed_until=NOW)
        assert timestamping.stamp([pk]) == 1


def test_the_database_knows_no_level_above_b_without_a_timestamp(world: World, settings: Settings, tmp_path: Path) -> None:
    seals_at("B-B", settings=settings, world=world, folder=tmp_path)
    (pk,) = issued(1)
    invoice = Invoice.objects.get(pk=pk)
    for level in set(Pades) - {Pades.B}:
        with pytest.raises(IntegrityError, match="no_level_above_bb_without_a_timestamp"), transaction.atomic():
            Document.objects.create(
                invoice=invoice, sha256="0" * 64, size=1, level="test", key_home="software", certificate_sha256="0" * 64,
                sealed_at=NOW, pades=level, retained_until=NOW.date(),
            )  # fmt: skip


def test_the_levels_have_the_same_names_in_rows_and_in_verdicts() -> None:
    assert {str(one) for one in Pades} == {str(one) for one in verdicts.Pades}


def test_it_is_said_to_the_relay_to_support_and_in_the_admin(
    invoice: Invoice, owner: Client, support: Client, manager: Client, world: World, settings: Settings, tmp_path: Path
) -> None:
    seals_at("B-LTA", settings=settings, world=world, folder=tmp_path)
    worked_off([invoice.pk])
    assertContains(owner.get(f"/factures/{invoice.number}/"), "Une autorité indépendante, stamper, l’a horodaté le 2")
    story = support.get(f"/bureau/relais/{invoice.relay.code}/")
    assertContains(story, "cachet avancé (B-LTA)")
    assertContains(story, "horodaté le 2")
    page = manager.get(reverse("admin:invoices_invoice_change", args=[invoice.pk]))
    assertContains(page, "B-LTA, de même, horodaté en entier")
    assertContains(page, fingerprint(world.certificate("seal")))
