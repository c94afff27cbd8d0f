"""Where a certificate and its successor overlap, the operator's order decides; and the end is announced in time."""

import datetime as dt
from pathlib import Path

import pytest
import time_machine

from invoices.sealing.keys import Home, SealKey, SealKeyUnavailable, fingerprint
from invoices.sealing.keys.certificates import ends_within
from invoices.sealing.keys.opening import Demo, KeyFile, Place, open_key, the_one_to_seal_with
from invoices.sealing.seal import seal
from selfbilling.secret import Secret
from tests.invoices import tokens
from tests.invoices.keys_at_work import is_valid_to_pyhanko
from tests.invoices.seals import NOW, key_named, pair, pkcs12_file, plain_pdf
from tests.invoices.signing_service import TOKEN, provider

DAY = dt.timedelta(days=1)


def key(name: str, *, days: tuple[int, int] = (-30, 700)) -> SealKey:
    return key_named(name, days=days, elliptic=True)


@time_machine.travel(NOW)
@pytest.mark.requires("softhsm2-util")
def test_every_home_is_opened_by_one_door_once_and_seals(tmp_path: Path) -> None:
    parts = pair("Réseau Relais")
    with tokens.soft_hsm(tmp_path), provider(tmp_path) as there:
        made = tokens.made(tmp_path, label="Cachet")
        places: list[tuple[Place, Home]] = [
            (Demo(folder=tmp_path / "demo"), Home.SOFTWARE),
            (KeyFile(file=pkcs12_file(tmp_path, password="secret", parts=parts), password=Secret("secret")), Home.SOFTWARE),
            (made.token, Home.DEVICE),
            (there.credential("elliptic", access_token=Secret(TOKEN)), Home.DEVICE),
        ]
        for place, home in places:
            opened = open_key(place)
            assert opened.home == home
            assert open_key(place) is opened
            assert is_valid_to_pyhanko(seal(plain_pdf(), key=opened, at=NOW), root=opened.chain[-1])


def test_the_first_that_may_seal_does() -> None:
    current, successor = key("Actuel", days=(-700, 10)), key("Suivant", days=(-1, 1000))
    assert the_one_to_seal_with([current, successor], at=NOW) is current
    assert the_one_to_seal_with([current, successor], at=NOW + 10 * DAY) is current
    assert the_one_to_seal_with([current, successor], at=NOW + 10 * DAY + dt.timedelta(seconds=1)) is successor
    assert the_one_to_seal_with([successor, current], at=NOW) is successor
    assert the_one_to_seal_with([successor, current], at=NOW - 2 * DAY) is current


def test_a_revoked_one_seals_nothing() -> None:
    current, successor = key("Actuel"), key("Suivant")
    revoked = {fingerprint(current.chain[0])}
    assert the_one_to_seal_with([current, successor], at=NOW, revoked=revoked) is successor
    with pytest.raises(SealKeyUnavailable, match="« Actuel » is revoked: install another"):
        the_one_to_seal_with([current], at=NOW, revoked=revoked)


def test_if_none_may_seal_each_says_why() -> None:
    with pytest.raises(SealKeyUnavailable, match=r"« Ancien » expired on 2026-11-01.*« Futur » is valid only from 2026-11-03"):
        the_one_to_seal_with([key("Ancien", days=(-700, -1)), key("Futur", days=(1, 700))], at=NOW)
    with pytest.raises(SealKeyUnavailable, match="No key"):
        the_one_to_seal_with([], at=NOW)


def test_a_successor_is_not_opened_before_it_is_needed() -> None:
    """What is wrong with it, or with its provider, does not stop the current one."""
    current = key("Actuel")
    assert the_one_to_seal_with((current if one else open_key(missing()) for one in (True, False)), at=NOW) is current
    with pytest.raises(SealKeyUnavailable, match="cannot be read"):
        the_one_to_seal_with((open_key(missing()) for _ in range(1)), at=NOW)


def missing() -> KeyFile:
    return KeyFile(file=Path("/nowhere/seal.p12"), password=Secret(""))


@pytest.mark.parametrize(
    ("left", "said"),
    [(61, None), (60, 60), (31, 60), (30, 30), (8, 30), (7, 7), (1, 7), (0, 0), (-100, 0)],
)
def test_its_end_is_announced_60_30_and_7_days_before(left: int, said: int | None) -> None:
    certificate = key("Réseau Relais", days=(-700, 100)).chain[0]
    assert ends_within(certificate, at=NOW + (100 - left) * DAY) == said


def test_a_second_before_the_60_days_nothing_is_due() -> None:
    certificate = key("Réseau Relais", days=(-700, 100)).chain[0]
    assert ends_within(certificate, at=NOW + 40 * DAY - dt.timedelta(seconds=1)) is None
