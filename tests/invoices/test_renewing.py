"""A timestamp that ends is renewed before: in bulk, resumable, the old bytes kept, and whoever has them is told that they are ours."""

import datetime as dt
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import call_command
from pytest_django import Settings

from invoices import leasing, production, proving, renewing, working
from invoices.models import Document, Due, Invoice, TimestampAuthority
from selfbilling.errors import Unavailable
from tests.invoices.authorities import World, answering
from tests.invoices.leveled import authority, clock, issued, seals_at, steps, worked_off
from tests.invoices.leveled import running as running  # noqa: PLC0414  (fixtures)
from tests.invoices.leveled import world as world  # noqa: PLC0414
from tests.invoices.seals import NOW

pytestmark = pytest.mark.django_db
LATER = NOW + dt.timedelta(days=200)


def sealed(count: int, *, settings: Settings, world: World, folder: Path, level: str = "B-LTA") -> list[int]:
    """So many archived invoices, timestamped by an authority whose certificate ends in 300 days; another one is configured now."""
    seals_at(level, settings=settings, world=world, folder=folder)
    settings.TIMESTAMP_AUTHORITIES = [authority(world, "short-stamper")]
    ids = issued(count)
    worked_off(ids)
    Due.objects.all().delete()  # as if they were delivered
    settings.TIMESTAMP_AUTHORITIES = [authority(world)]
    world.until(LATER)
    return ids


def renewed() -> str:
    """What the command says."""
    out = StringIO()
    with clock(LATER):
        call_command("renew_timestamps", stdout=out)
    return out.getvalue()


def test_it_is_renewed_the_old_file_is_kept_and_the_newest_is_served(world: World, settings: Settings, tmp_path: Path) -> None:
    (pk,) = sealed(1, settings=settings, world=world, folder=tmp_path)
    old = Document.objects.get()
    assert renewed() == "1 sealed file renewed, verified and archived.\n"
    new = Document.objects.get(renews=old)
    assert (new.pades, new.timestamped_by, new.timestamped_at, new.sealed_at) == ("B-LTA", "stamper", LATER, old.sealed_at)
    assert new.timestamp_ends is not None
    assert old.timestamp_ends is not None
    assert new.timestamp_ends > old.timestamp_ends + dt.timedelta(days=2000)
    before, after = production.original(old), production.original(new)
    assert after.startswith(before)
    for document, pdf in ((old, before), (new, after)):
        proof = proving.prove(pdf)
        assert (proof.verdict.ours, proof.document) == (True, document)
    kept = proving.prove_kept(Invoice.objects.get(pk=pk))
    assert kept is not None
    assert kept.document == new
    assert steps() == []  # it was delivered long ago, and is not again


def test_a_second_time_there_is_nothing_to_renew(world: World, settings: Settings, tmp_path: Path) -> None:
    sealed(1, settings=settings, world=world, folder=tmp_path)
    renewed()
    assert renewed() == "No timestamp ends within a year: nothing to renew.\n"
    assert Document.objects.count() == 2


@pytest.mark.parametrize("level", ["B-T", "B-LT"])
def test_a_lower_level_is_raised_to_one_that_lasts(world: World, settings: Settings, tmp_path: Path, level: str) -> None:
    sealed(1, settings=settings, world=world, folder=tmp_path, level=level)
    old = Document.objects.get()
    assert old.pades == level
    assert renewed() == "1 sealed file renewed, verified and archived.\n"
    new = Document.objects.get(renews=old)
    assert new.pades == "B-LTA"
    assert production.original(new).startswith(production.original(old))
    assert proving.prove(production.original(new)).document == new


def test_a_seal_without_a_timestamp_has_none_to_renew(world: World, settings: Settings, tmp_path: Path) -> None:
    sealed(1, settings=settings, world=world, folder=tmp_path, level="B-B")
    assert renewed() == "No timestamp ends within a year: nothing to renew.\n"


def test_what_a_quota_leaves_waits_and_the_same_command_goes_on(world: World, settings: Settings, tmp_path: Path) -> None:
    sealed(3, settings=settings, world=world, folder=tmp_path)
    settings.TIMESTAMP_AUTHORITIES = [authority(world, most=2, period=dt.timedelta(hours=1))]
    with pytest.raises(Unavailable, match="its quota is used up"):
        renewed()
    assert Document.objects.filter(renews__isnull=False, unshelved=None).count() == 2
    TimestampAuthority.objects.get(name="stamper").requests.all().delete()  # an hour later
    assert renewed() == "1 sealed file renewed, verified and archived.\n"
    assert Document.objects.filter(renews__isnull=False, unshelved=None).count() == 3


def test_killed_before_the_archive_had_it_the_same_command_archives_it(world: World, settings: Settings, tmp_path: Path) -> None:
    (pk,) = sealed(1, settings=settings, world=world, folder=tmp_path)
    with clock(LATER):
        renewing.plan()
        renewing.renew([pk])
    assert steps() == ["shelve"]
    asked = TimestampAuthority.objects.get(name="stamper").asked
    renewed()
    assert (steps(), TimestampAuthority.objects.get(name="stamper").asked) == ([], asked)


def test_what_another_process_has_claimed_is_renewed_once(world: World, settings: Settings, tmp_path: Path) -> None:
    (pk,) = sealed(1, settings=settings, world=world, folder=tmp_path)
    with clock(LATER):
        renewing.plan()
        with leasing.claimed(Due.Step.RENEW, ids=[pk]):
            working.renew_and_shelve([pk])
            assert Document.objects.count() == 1


def test_an_authority_that_ends_no_later_would_gain_nothing(world: World, settings: Settings, tmp_path: Path) -> None:
    sealed(1, settings=settings, world=world, folder=tmp_path)
    settings.TIMESTAMP_AUTHORITIES = [authority(world, "short-stamper")]
    with pytest.raises(Unavailable, match="would prove nothing for longer"):
        renewed()
    assert Document.objects.count() == 1


def test_where_nobody_vouches_for_the_last_timestamp_it_waits(world: World, settings: Settings, tmp_path: Path) -> None:
    sealed(1, settings=settings, world=world, folder=tmp_path)
    world.server.answers |= {f"/network/{service}": answering(b"", status="500 Sorry") for service in ("ocsp", "certs", "crls")}
    with pytest.raises(Unavailable, match="Nobody says whether"):
        renewed()
    assert Document.objects.count() == 1
    assert "Nobody says whether" in Due.objects.get().last_error
