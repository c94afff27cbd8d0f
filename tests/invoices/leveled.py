"""An installation that seals at a level: its key and its timestamp authorities are a real authority's, on loopback."""

import datetime as dt
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
import time_machine
from cryptography.hazmat.primitives.serialization import NoEncryption, pkcs12
from pytest_django import Settings

from invoices import choosing_key, production, working
from invoices.models import Due, Invoice
from selfbilling.secret import Secret
from tests import world as relays
from tests.invoices import authorities
from tests.invoices.authorities import World
from tests.invoices.seals import NOW


@pytest.fixture(scope="module")
def running() -> Iterator[World]:
    """The authority's servers."""
    with authorities.authority() as world:
        yield world


@pytest.fixture
def world(running: World) -> Iterator[World]:
    """The same, as if nobody had asked them anything yet."""
    running.server.answers.clear()
    running.server.asked.clear()
    yield running.until(NOW)
    running.server.answers.clear()
    production.archive.cache_clear()
    choosing_key.KNOWN.clear()


def key_file(world: World, folder: Path, *, label: str = "seal") -> dict[str, Any]:
    """The settings of a key file with that certificate and its issuers'."""
    chain = [world.certificate(one) for one in (label, "issuer", "root")]
    file = folder / f"{label}.p12"
    encoded = pkcs12.serialize_key_and_certificates(label.encode(), world.keys[label], chain[0], chain[1:], NoEncryption())
    file.write_bytes(encoded)
    return {"home": "pkcs12", "file": file, "password": Secret("")}


def authority(world: World, label: str = "stamper", **more: Any) -> dict[str, Any]:
    """The settings of a timestamp authority."""
    return {"name": label.replace("-", "_"), "url": world.url + world.path("tsa", label)} | more


def seals_at(level: str, *, settings: Settings, world: World, folder: Path, label: str = "seal") -> None:
    """The settings of an installation that seals at that level."""
    settings.ARCHIVE_DIR = folder / "archive"
    settings.SEAL_KEYS, settings.SEAL_LEVEL = [key_file(world, folder, label=label)], level
    settings.TIMESTAMP_AUTHORITIES, settings.TIMESTAMP_ROOTS = [authority(world)], (world.certificate("root"),)
    settings.TIMESTAMP_TIMEOUT = 5.0
    production.archive.cache_clear()
    choosing_key.KNOWN.clear()


def issued(count: int) -> list[int]:
    """So many invoices that wait to be sealed."""
    relays.tariff()
    for shop in range(count):
        relays.did(relays.relay(f"R{shop:04d}", shop=shop), 100 + shop)
    relays.billed_approved_and_issued()
    return list(Invoice.objects.order_by("relay__code").values_list("pk", flat=True))


@contextmanager
def clock(at: dt.datetime = NOW) -> Iterator[None]:
    """That instant, by our clock."""
    with time_machine.travel(at, tick=True):
        yield


def worked_off(ids: list[int]) -> None:
    """From due to archived, at the authority's instant."""
    with clock():
        working.seal_and_shelve(ids)


def steps() -> list[str]:
    return list(Due.objects.order_by("invoice").values_list("step", flat=True))
