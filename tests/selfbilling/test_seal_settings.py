"""The settings of the seal: a bad value stops the start and names itself; a secret may come from a file, and is shown nowhere."""

import datetime as dt
import os
import subprocess
import sys
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.serialization import Encoding

from selfbilling import seal_settings
from selfbilling.seal_settings import timestamp_authorities, timestamp_roots, where_the_key_is
from selfbilling.secret import Secret
from tests.invoices.seals import key_named

PROJECT = Path(__file__).resolve().parents[2]
STAMPED = {"TIMESTAMP_AUTHORITIES": "one", "TIMESTAMP_ONE_URL": "https://tsa.example/"}


@pytest.fixture
def environment(monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    """Without anything about seals."""
    for name in list(os.environ):
        if name.startswith(("SEAL_", "TIMESTAMP_")):
            monkeypatch.delenv(name)
    return monkeypatch


def test_without_settings_there_is_no_key_but_the_demos_and_no_network(environment: pytest.MonkeyPatch, tmp_path: Path) -> None:
    assert where_the_key_is("SEAL", notes=tmp_path) == {}
    assert (timestamp_authorities(), timestamp_roots()) == ([], ())


def test_a_key_file_and_its_successor_in_a_token(environment: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "pin").write_text("4711\n")
    said = {
        "SEAL_PKCS12": "/etc/seal.p12",
        "SEAL_PKCS12_PASSWORD": "hush",
        "SEAL_NEXT_KEY": "pkcs11",
        "SEAL_NEXT_PKCS11_MODULE": "/usr/lib/hsm.so",
        "SEAL_NEXT_PKCS11_TOKEN": "seal",
        "SEAL_NEXT_PKCS11_KEY_ID": "0a0b",
        "SEAL_NEXT_PKCS11_PIN_FILE": str(tmp_path / "pin"),
    }
    for name, value in said.items():
        environment.setenv(name, value)
    current, successor = (where_the_key_is(prefix, notes=tmp_path) for prefix in ("SEAL", "SEAL_NEXT"))
    assert current == {"home": "pkcs12", "file": Path("/etc/seal.p12"), "password": Secret("hush")}
    assert (successor["home"], successor["key_id"], successor["pin"]) == ("pkcs11", b"\x0a\x0b", Secret("4711"))
    assert "hush" not in repr(current)
    assert "4711" not in repr(successor)


def test_authorities_come_in_their_order_each_with_its_quota(environment: pytest.MonkeyPatch) -> None:
    for name, value in (STAMPED | {"TIMESTAMP_AUTHORITIES": "two, one", "TIMESTAMP_TWO_URL": "http://tsa.two/"}).items():
        environment.setenv(name, value)
    environment.setenv("TIMESTAMP_TWO_QUOTA", "5000/86400")
    environment.setenv("TIMESTAMP_TWO_PAUSE", "60")
    two, one = timestamp_authorities()
    assert (two["name"], two["most"], two["period"], two["pause"]) == ("two", 5000, dt.timedelta(days=1), dt.timedelta(minutes=1))
    assert "most" not in one


@pytest.mark.parametrize(
    ("said", "named"),
    [
        ({"SEAL_KEY": "cloud"}, "SEAL_KEY"),
        ({"SEAL_KEY": "pkcs12"}, "SEAL_PKCS12"),
        ({"SEAL_KEY": "pkcs11", "SEAL_PKCS11_MODULE": "/x.so"}, "SEAL_PKCS11_TOKEN"),
        ({"SEAL_KEY": "csc", "SEAL_CSC_URL": "https://x/csc/v1"}, "SEAL_CSC_CREDENTIAL"),
        ({"SEAL_NEXT_KEY": "pkcs12"}, "SEAL_NEXT_PKCS12"),
        ({"SEAL_LEVEL": "B-X"}, "SEAL_LEVEL"),
        ({"SEAL_LEVEL": "B-T"}, "TIMESTAMP_AUTHORITIES"),
        (STAMPED | {"SEAL_LEVEL": "B-T"}, "TIMESTAMP_ROOTS"),
        (STAMPED | {"TIMESTAMP_ROOTS": "/nowhere.pem"}, "TIMESTAMP_ROOTS"),
        ({"TIMESTAMP_AUTHORITIES": "one"}, "TIMESTAMP_ONE_URL"),
        ({"TIMESTAMP_AUTHORITIES": "one,one"}, "TIMESTAMP_AUTHORITIES"),
        (STAMPED | {"TIMESTAMP_ONE_QUOTA": "often"}, "TIMESTAMP_ONE_QUOTA"),
        (STAMPED | {"TIMESTAMP_ONE_URL": "ldap://x"}, "TIMESTAMP_ONE_URL"),
        (STAMPED | {"TIMESTAMP_TIMEOUT": "0"}, "TIMESTAMP_TIMEOUT"),
    ],
)
def test_a_bad_value_stops_the_start_and_names_itself(said: dict[str, str], named: str, tmp_path: Path) -> None:
    environment = {"PATH": os.environ["PATH"], "DATA_DIR": str(tmp_path), "SECRET_KEY": "x" * 50, "DATABASE_URL": "postgres://x/x"}
    demo = {"ALLOW_DEMO": "yes", "OPERATOR_SERIES": "RR"}
    command = [sys.executable, "-c", "import selfbilling.settings"]
    ended = subprocess.run(command, cwd=PROJECT, env=environment | demo | said, capture_output=True, text=True, check=False)
    assert ended.returncode == 1
    assert ended.stderr.startswith(f'Settings: Environment variable "{named}"'), ended.stderr
    assert ended.stderr.count("\n") == 1


def test_the_roots_are_read_from_one_file(environment: pytest.MonkeyPatch, tmp_path: Path) -> None:
    roots = [key_named(name, elliptic=True).chain[1] for name in ("One", "Two")]
    file = tmp_path / "roots.pem"
    file.write_bytes(b"".join(root.public_bytes(Encoding.PEM) for root in roots))
    environment.setenv("TIMESTAMP_ROOTS", str(file))
    assert list(timestamp_roots()) == roots
    assert seal_settings.timestamp_authorities() == []
