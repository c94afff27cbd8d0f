"""An embedded database is migrated by whoever comes first; the operator's own by nobody but `manage.py migrate`."""

import os
import subprocess
import sys
from collections.abc import Iterator
from urllib.parse import quote

import pytest
from django.conf import settings

from selfbilling import embedded
from selfbilling.embedded import use
from tests.selfbilling.test_edge import OPERATORS_OWN
from tests.selfbilling.users import PROJECT, Place, connect

COUNTS = ["shell", "-v", "0", "-c", "from relays.models import Person; print(Person.objects.count(), 'people')"]


def command(place: Place, *arguments: str, **environment: str) -> "subprocess.Popen[str]":
    """One of the product's own commands, with the product's own settings."""
    process = subprocess.Popen(
        [sys.executable, PROJECT / "manage.py", *arguments],
        env={"PATH": os.environ["PATH"], "DATA_DIR": str(place.data_dir)} | environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    place.started.append(process)
    return process


def test_first_commands_at_one_moment_then_a_newer_checkout(place: Place) -> None:
    first = [command(place, "migrate", "-v", "0"), command(place, *COUNTS), command(place, *COUNTS)]
    ended = [process.communicate() for process in first]
    assert [process.returncode for process in first] == [0, 0, 0], ended
    assert ended[1][0] == ended[2][0] == "0 people\n"
    back = command(place, "migrate", "-v", "0", "relays", "0001")  # as it was before the newer checkout
    assert back.communicate() == ("", "")
    newer = command(place, *COUNTS)
    out, err = newer.communicate()
    assert (newer.returncode, out) == (0, "0 people\n")
    assert err.startswith("Migrating the database (")
    again = command(place, *COUNTS)
    assert again.communicate() == ("0 people\n", "")
    assert place.alive() == set()


@pytest.fixture
def empty_database() -> Iterator[str]:
    """The address of a database without a table, as an operator gives it."""
    sockets = str(use.database(settings.DATA_DIR, durable=False))
    name = f"empty_{os.getpid()}"
    with connect(sockets, dbname="postgres") as connection:
        connection.execute(f"CREATE DATABASE {name}")
    yield f"postgresql://{embedded.NAME}@{quote(sockets, safe='')}/{name}"
    with connect(sockets, dbname="postgres") as connection:
        connection.execute(f"DROP DATABASE {name} WITH (FORCE)")


def test_with_database_url_nothing_migrates_by_itself(place: Place, empty_database: str) -> None:
    process = command(place, *COUNTS, DATABASE_URL=empty_database, **OPERATORS_OWN)
    said = process.communicate()
    assert said == ("", "The database is not up to date: run manage.py migrate, then the command again.\n")
    assert process.returncode == 1
    assert not place.installation.folder.exists()


def test_the_secret_key_is_made_once(place: Place) -> None:
    key = embedded.secret_key(place.data_dir)
    embedded._write_once(place.data_dir / "secret_key", "what a second first process made at the same moment")
    assert embedded.secret_key(place.data_dir) == key
    assert (place.data_dir / "secret_key").stat().st_mode & 0o777 == 0o600
    assert {entry.name for entry in place.data_dir.iterdir()} == {"embedded", "secret_key"}
