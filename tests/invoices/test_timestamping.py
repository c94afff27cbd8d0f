"""Whatever the authorities do: no invoice is called what it is not, none is lost, no quota is exceeded, and staff see why one waits."""

import datetime as dt
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from pytest_django import Settings
from pytest_django.asserts import assertContains

from invoices import leasing, overview, production, tasks, timestamping, working
from invoices.models import Document, Due, TimestampAuthority, TimestampRequest
from invoices.sealing.keys import SealKeyUnavailable, fingerprint
from invoices.sealing.revocation import RevocationUnknown
from invoices.sealing.timestamps import Authority, NoTimestamp
from invoices.turnstile import SharedTurnstile
from tests import world as relays
from tests.invoices.authorities import Start, World, answering
from tests.invoices.committed import committed_database
from tests.invoices.leveled import authority, clock, issued, key_file, seals_at, steps, worked_off
from tests.invoices.leveled import running as running  # noqa: PLC0414  (fixtures)
from tests.invoices.leveled import world as world  # noqa: PLC0414
from tests.invoices.seals import NOW
from tests.invoices.test_sealing_timestamps import answers_for_another

pytestmark = pytest.mark.django_db
LIVE = "/bureau/mois/2026-10/en-cours/"
DAY = dt.timedelta(days=1)


def test_an_authority_that_is_down_makes_them_wait_staff_see_why_and_then_it_goes_on(
    world: World, settings: Settings, tmp_path: Path, manager: Client
) -> None:
    seals_at("B-T", settings=settings, world=world, folder=tmp_path)
    ids = issued(2)
    world.server.answers["/network/tsa"] = answering(b"", status="503 Service Unavailable")
    with clock():
        tasks.seal(ids)
    assert (steps(), Document.objects.exists()) == (["timestamp"] * 2, False)
    (cause,) = overview.errors_by_cause(relays.OCTOBER)
    assert (cause["step"], cause["count"]) == ("timestamp", 2)
    assert "answers with status 503" in cause["last_error"]
    page = manager.get(LIVE)
    assertContains(page, "Horodater")
    assertContains(page, "answers with status 503")
    assertContains(page, "2 cachetées, qui attendent leur horodatage")
    world.server.answers.clear()
    with clock(NOW + dt.timedelta(minutes=4)):
        tasks.seal(ids)  # its pause is not over: nobody asks
    assert (steps(), len(world.server.asked)) == (["timestamp"] * 2, 1)
    after = NOW + dt.timedelta(minutes=6)
    world.until(after)
    with clock(after):
        tasks.seal(ids)
    assert steps() == ["deliver"] * 2


def test_the_next_authority_is_asked_where_the_first_fails(world: World, settings: Settings, tmp_path: Path) -> None:
    seals_at("B-T", settings=settings, world=world, folder=tmp_path)
    settings.TIMESTAMP_AUTHORITIES = [authority(world, "late-stamper"), authority(world)]
    worked_off(issued(2))
    assert {document.timestamped_by for document in Document.objects.all()} == {"stamper"}
    assert len([path for path in world.server.asked if path.endswith("late-stamper")]) == 1
    assert "not valid" in TimestampAuthority.objects.get(name="late_stamper").why


def test_a_quota_that_is_used_up_in_the_midst_of_a_month_leaves_the_rest_to_the_next(
    world: World, settings: Settings, tmp_path: Path
) -> None:
    seals_at("B-T", settings=settings, world=world, folder=tmp_path)
    settings.TIMESTAMP_AUTHORITIES = [authority(world, most=2, period=DAY), authority(world) | {"name": "other"}]
    worked_off(issued(5))
    assert steps() == ["deliver"] * 5
    assert dict(TimestampAuthority.objects.values_list("name", "asked")) == {"stamper": 2, "other": 3}


def test_without_a_next_one_they_wait_for_the_quota_and_never_exceed_it(world: World, settings: Settings, tmp_path: Path) -> None:
    seals_at("B-T", settings=settings, world=world, folder=tmp_path)
    settings.TIMESTAMP_AUTHORITIES = [authority(world, most=2, period=DAY)]
    ids = issued(5)
    with clock():
        tasks.seal(ids)
    assert sorted(steps()) == ["deliver"] * 2 + ["timestamp"] * 3
    assert {row.last_error for row in Due.objects.filter(step="timestamp")} == {
        "No timestamp authority gave a timestamp. stamper: not asked, its quota is used up or it failed just now."
    }
    for later, done in ((DAY - dt.timedelta(minutes=1), 2), (DAY + dt.timedelta(minutes=1), 4), (2 * DAY + dt.timedelta(hours=1), 5)):
        world.until(NOW + later)
        with clock(NOW + later):
            tasks.seal(ids)
        assert steps().count("deliver") == done
    assert len(world.server.asked) == 5


def test_no_period_however_it_lies_has_more_requests_than_the_quota() -> None:
    """Also not one that begins in the midst of another: a count that starts anew each day would let twice as many through."""
    turnstile, period = SharedTurnstile(), dt.timedelta(seconds=100)
    stamper = Authority(name="stamper", url="http://127.0.0.1", trusted=(), most=3, period=period)
    let: list[int] = []
    for second in range(0, 600, 10):
        with clock(NOW + dt.timedelta(seconds=second)):
            let += [second] * turnstile.lets_through(stamper)
    assert all(later - earlier >= 100 for earlier, later in zip(let, let[3:], strict=False))
    assert len(let) == 18
    assert TimestampRequest.objects.count() == 3  # the others tell nothing any more


def test_a_token_for_another_request_is_not_taken(world: World, settings: Settings, tmp_path: Path) -> None:
    seals_at("B-T", settings=settings, world=world, folder=tmp_path)
    (pk,) = issued(1)
    world.server.answers["/network/tsa"] = answers_for_another(world, nonce=4711)
    with clock():
        production.produce([pk])
        with pytest.raises(NoTimestamp, match="nonce"):
            timestamping.stamp([pk])
    assert (steps(), Document.objects.exists()) == (["timestamp"], False)
    assert "nonce" in Due.objects.get().last_error
    assert Due.objects.get().claimed_until is None


def test_a_revoked_certificate_seals_nothing_and_the_month_says_so(
    world: World, settings: Settings, tmp_path: Path, manager: Client
) -> None:
    seals_at("B-LT", settings=settings, world=world, folder=tmp_path, label="revoked")
    ids = issued(2)
    with clock():
        tasks.seal(ids)
    assert (steps(), Document.objects.exists()) == (["seal"] * 2, False)
    assertContains(manager.get(LIVE), "« revoked » is revoked: install another one.")


def test_its_successor_takes_over_from_a_revoked_certificate(world: World, settings: Settings, tmp_path: Path) -> None:
    seals_at("B-LT", settings=settings, world=world, folder=tmp_path, label="revoked")
    settings.SEAL_KEYS = [*settings.SEAL_KEYS, key_file(world, tmp_path, label="elliptic")]
    worked_off(issued(1))
    assert Document.objects.get().certificate_sha256 == fingerprint(world.certificate("elliptic"))


def test_an_expired_certificate_seals_nothing(world: World, settings: Settings, tmp_path: Path) -> None:
    seals_at("B-T", settings=settings, world=world, folder=tmp_path)
    ids = issued(1)
    with clock(world.certificate("seal").not_valid_after_utc + DAY), pytest.raises(SealKeyUnavailable, match="expired on"):
        working.seal_and_shelve(ids)
    assert steps() == ["seal"]


def test_where_nobody_says_whether_it_is_revoked_nothing_is_sealed(world: World, settings: Settings, tmp_path: Path) -> None:
    seals_at("B-LTA", settings=settings, world=world, folder=tmp_path)
    ids = issued(1)
    world.server.answers |= {f"/network/{service}": answering(b"", status="500 Sorry") for service in ("ocsp", "certs", "crls")}
    with clock(), pytest.raises(RevocationUnknown, match="Nobody says whether"):
        working.seal_and_shelve(ids)
    assert steps() == ["seal"]


def test_what_has_its_timestamp_is_archived_though_the_next_one_gets_none(world: World, settings: Settings, tmp_path: Path) -> None:
    seals_at("B-T", settings=settings, world=world, folder=tmp_path)
    settings.TIMESTAMP_AUTHORITIES = [authority(world, most=1, period=DAY)]
    with clock(), pytest.raises(NoTimestamp):
        working.seal_and_shelve(issued(2))
    assert steps() == ["deliver", "timestamp"]


def test_responders_are_asked_once_for_all(world: World, settings: Settings, tmp_path: Path) -> None:
    seals_at("B-LT", settings=settings, world=world, folder=tmp_path)
    worked_off(issued(3))
    others = [path for path in world.server.asked if "/tsa/" not in path]
    assert len(others) == len(set(others)) + 1  # the same responder for the seal's certificate and for the authority's


def elsewhere(ids: list[int]) -> int:
    """Stamp on a connection of its own, as another process would."""
    try:
        return timestamping.stamp(ids)
    finally:
        connection.close()


def test_what_comes_after_the_claim_ended_is_not_written(world: World, settings: Settings, tmp_path: Path) -> None:
    """While the authority thinks, another process takes the invoice: two tokens, one document."""
    ids: list[int] = []

    def slow(environ: dict[str, Any], start: Start) -> Iterable[bytes]:
        del world.server.answers["/network/tsa"]
        Due.objects.update(claimed_until=None)
        assert elsewhere(ids) == 1
        assert world.server.application is not None
        return world.server.application(environ, start)

    with committed_database():
        seals_at("B-T", settings=settings, world=world, folder=tmp_path)
        ids += issued(1)
        with clock():
            production.produce(ids)
            world.server.answers["/network/tsa"] = slow
            assert timestamping.stamp(ids) == 0
        assert (steps(), TimestampAuthority.objects.get().asked, Document.objects.count()) == (["shelve"], 2, 1)


def test_workers_that_stamp_the_same_invoices_ask_once_for_each_and_write_one_document(
    world: World, settings: Settings, tmp_path: Path
) -> None:
    with committed_database():
        seals_at("B-T", settings=settings, world=world, folder=tmp_path)
        settings.TIMESTAMP_AUTHORITIES = [authority(world, most=6, period=DAY)]
        ids = issued(5)
        with clock():
            production.produce(ids)
            with ThreadPoolExecutor(4) as pool:
                done = [each.result() for each in [pool.submit(elsewhere, ids) for _ in range(4)]]
            assert (sum(done), TimestampAuthority.objects.get().asked) == (5, 5)
            assert Document.objects.count() == 5
            assert dt.timedelta(seconds=4 * settings.TIMESTAMP_TIMEOUT) < leasing.LEASE
