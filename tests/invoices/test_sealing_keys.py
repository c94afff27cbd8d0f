"""A key is opened once and whole, or one sentence says what the operator has to mend."""

import datetime as dt
import multiprocessing
import os
import signal
import stat
import subprocess
import sys
from pathlib import Path

import pytest
import time_machine
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from cryptography.hazmat.primitives.serialization import BestAvailableEncryption, pkcs12

from invoices.sealing.keys import Home, SealKey, SealKeyUnavailable, demo, fingerprint
from invoices.sealing.keys.pkcs12 import open_pkcs12
from invoices.sealing.levels import Level, level_of
from invoices.sealing.seal import seal
from invoices.sealing.verification import verify
from tests.invoices.seals import ENCRYPTING, ISSUING, NOW, SEALING, certificate, pair, pkcs12_file, plain_pdf


def is_ours(key: SealKey, *, at: dt.datetime) -> bool:
    return verify(seal(plain_pdf(), key=key, at=at), ours={fingerprint(key.chain[0]): key.home}).ours


# The demo key


def test_the_demo_key_is_made_once_and_found_again(tmp_path: Path) -> None:
    made, found = demo.load_or_make(tmp_path / "demo"), demo.load_or_make(tmp_path / "demo")
    assert made.chain == found.chain
    assert is_ours(found, at=dt.datetime.now(dt.UTC))
    assert level_of(found.chain, home=found.home) == Level.TEST


def test_it_says_test_and_is_rsa_3072(tmp_path: Path) -> None:
    ours, root = demo.load_or_make(tmp_path / "demo").chain
    assert "TEST" in ours.subject.rfc4514_string()
    assert "TEST" in root.subject.rfc4514_string()
    ours.verify_directly_issued_by(root)
    key = ours.public_key()
    assert isinstance(key, rsa.RSAPublicKey)
    assert key.key_size == 3072
    assert x509.load_pem_x509_certificate((tmp_path / "demo" / "root.pem").read_bytes()) == root


def test_only_its_owner_can_read_it(tmp_path: Path) -> None:
    umask = os.umask(0)
    try:
        demo.load_or_make(tmp_path / "var" / "demo")
    finally:
        os.umask(umask)
    assert stat.S_IMODE((tmp_path / "var" / "demo").stat().st_mode) == 0o700
    assert {stat.S_IMODE(file.stat().st_mode) for file in (tmp_path / "var" / "demo").iterdir()} == {0o600}


def test_a_folder_that_was_there_keeps_its_mode(tmp_path: Path) -> None:
    tmp_path.chmod(0o755)
    demo.load_or_make(tmp_path)
    assert stat.S_IMODE(tmp_path.stat().st_mode) == 0o755


def certificate_in(folder: Path) -> str:
    return fingerprint(demo.load_or_make(folder).chain[0])


def test_processes_at_once_get_the_same_one(tmp_path: Path) -> None:
    with multiprocessing.get_context("fork").Pool(4) as pool:
        assert len(set(pool.map(certificate_in, [tmp_path / "demo"] * 8, chunksize=1))) == 1
    assert sorted(file.name for file in (tmp_path / "demo").iterdir()) == ["root.pem", "seal.pem"]


def test_one_killed_as_it_makes_it_leaves_nothing_that_hinders(tmp_path: Path) -> None:
    """Killed by itself between writing the key under its temporary name and giving it its own."""
    dying = (
        "import os, pathlib, signal, sys\n"
        "from invoices.sealing.keys import demo\n"
        "pathlib.Path.rename = lambda *_: os.kill(os.getpid(), signal.SIGKILL)\n"
        "demo.load_or_make(pathlib.Path(sys.argv[1]))\n"
    )
    killed = subprocess.run([sys.executable, "-c", dying, tmp_path / "demo"], check=False)
    assert killed.returncode == -signal.SIGKILL
    assert not (tmp_path / "demo" / "seal.pem").exists()
    demo.load_or_make(tmp_path / "demo")
    assert sorted(file.name for file in (tmp_path / "demo").iterdir()) == ["root.pem", "seal.pem"]


def test_a_damaged_demo_key_says_so(tmp_path: Path) -> None:
    demo.load_or_make(tmp_path)
    file = tmp_path / "seal.pem"
    file.write_bytes(file.read_bytes()[:1000])
    with pytest.raises(SealKeyUnavailable, match="damaged"):
        demo.load_or_make(tmp_path)


def test_a_folder_that_cannot_be_made_says_so(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(SealKeyUnavailable, match="cannot be read or made: File exists"):
        demo.load_or_make(tmp_path / "file" / "demo")


def test_the_demo_key_ends_too(tmp_path: Path) -> None:
    demo.load_or_make(tmp_path)
    with time_machine.travel(dt.datetime.now(dt.UTC) + dt.timedelta(days=3651)), pytest.raises(SealKeyUnavailable, match="expired"):
        demo.load_or_make(tmp_path)


# The operator's PKCS#12 file


@time_machine.travel(NOW)
@pytest.mark.parametrize("elliptic", [False, True])
@pytest.mark.parametrize("password", ["secret", ""])
def test_a_pkcs12_file_is_opened(tmp_path: Path, password: str, elliptic: bool) -> None:
    parts = pair("Réseau Relais", elliptic=elliptic)
    key = open_pkcs12(pkcs12_file(tmp_path, password=password, parts=parts), password=password)
    assert key.chain == parts[1:]
    assert key.home == Home.SOFTWARE
    assert is_ours(key, at=NOW)


@time_machine.travel(NOW)
def test_its_chain_is_put_in_order_and_strangers_are_left_out(tmp_path: Path) -> None:
    private, ours, root = pair("Réseau Relais")
    others = [pair("Une autre", root="Une autre autorité")[1], root]
    file = tmp_path / "seal.p12"
    file.write_bytes(pkcs12.serialize_key_and_certificates(b"x", private, ours, others, BestAvailableEncryption(b"secret")))
    assert open_pkcs12(file, password="secret").chain == (ours, root)


@time_machine.travel(NOW)
def test_issuers_that_issue_each_other_end_somewhere(tmp_path: Path) -> None:
    private, ours, _ = pair("Réseau Relais", root="A")
    by = ec.generate_private_key(ec.SECP256R1())
    others = [
        certificate(name, issuer=issuer, of=by, by=by, days=(-30, 700), extensions=[ISSUING]) for name, issuer in (("A", "B"), ("B", "A"))
    ]
    file = tmp_path / "seal.p12"
    secret = BestAvailableEncryption(b"secret")
    file.write_bytes(pkcs12.serialize_key_and_certificates(b"x", private, ours, others, secret))
    assert open_pkcs12(file, password="secret").chain == (ours, *others)


@time_machine.travel(NOW)
@pytest.mark.parametrize("usage", [None, ENCRYPTING])
def test_a_certificate_not_made_for_sealing_is_refused(tmp_path: Path, usage: x509.KeyUsage | None) -> None:
    file = pkcs12_file(tmp_path, password="secret", parts=pair("Réseau Relais", usage=usage))
    with pytest.raises(SealKeyUnavailable, match="not made for sealing"):
        open_pkcs12(file, password="secret")


@time_machine.travel(NOW)
@pytest.mark.parametrize(("days", "said"), [((-30, -1), "expired on 2026-11-01"), ((1, 30), "only from 2026-11-03")])
def test_a_certificate_out_of_its_time_is_opened_and_seals_nothing(tmp_path: Path, days: tuple[int, int], said: str) -> None:
    key = open_pkcs12(pkcs12_file(tmp_path, password="secret", parts=pair("Réseau Relais", usage=SEALING, days=days)), password="secret")
    with pytest.raises(SealKeyUnavailable, match=said):
        seal(plain_pdf(), key=key, at=NOW)


@time_machine.travel(NOW)
def test_a_wrong_password_is_refused_and_not_repeated(tmp_path: Path) -> None:
    file = pkcs12_file(tmp_path, password="secret", parts=pair("Réseau Relais"))
    for password in ("hunter2", ""):
        with pytest.raises(SealKeyUnavailable, match="password is wrong") as refusal:
            open_pkcs12(file, password=password)
        assert "hunter2" not in str(refusal.value)


def test_a_missing_file_and_a_folder_say_so(tmp_path: Path) -> None:
    with pytest.raises(SealKeyUnavailable, match=r"seal\.p12 cannot be read: No such file"):
        open_pkcs12(tmp_path / "seal.p12", password="secret")
    with pytest.raises(SealKeyUnavailable, match="Is a directory"):
        open_pkcs12(tmp_path, password="secret")


@pytest.mark.parametrize("junk", [b"", b"-----BEGIN CERTIFICATE-----", b"0\x82\xff\xff", bytes(5000)])
def test_a_file_that_is_no_pkcs12_says_so(tmp_path: Path, junk: bytes) -> None:
    file = tmp_path / "seal.p12"
    file.write_bytes(junk)
    with pytest.raises(SealKeyUnavailable, match="not a PKCS#12 file"):
        open_pkcs12(file, password="secret")


def test_a_file_without_key_or_certificate_or_with_another_kind_of_key_says_so(tmp_path: Path) -> None:
    private, ours, _ = pair("Réseau Relais")
    secret = BestAvailableEncryption(b"secret")
    small = rsa.generate_private_key(public_exponent=65537, key_size=1024)
    file = tmp_path / "seal.p12"
    for contents, said in (
        (pkcs12.serialize_key_and_certificates(b"x", None, ours, None, secret), "no private key"),
        (pkcs12.serialize_key_and_certificates(b"x", private, None, None, secret), "no certificate"),
        (pkcs12.serialize_key_and_certificates(b"x", small, None, None, secret), "does not suit"),
        (
            pkcs12.serialize_key_and_certificates(b"x", ed25519.Ed25519PrivateKey.generate(), None, None, secret),
            "does not suit",
        ),
    ):
        file.write_bytes(contents)
        with pytest.raises(SealKeyUnavailable, match=said):
            open_pkcs12(file, password="secret")
