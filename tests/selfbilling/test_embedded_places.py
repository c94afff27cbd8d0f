"""Where an installation may lie, and who may look into it."""

import os
import shutil
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from selfbilling.embedded.installation import ELSEWHERE, LONGEST_SOCKET_PATH, SOCKET
from tests.selfbilling.conftest import NOBODY
from tests.selfbilling.users import USES, WAITS, Place, answers, end, line_of

as_root = pytest.mark.skipif(os.geteuid() != 0, reason="about what root does")  # CI is root


@pytest.mark.parametrize("name", ["deep/" + "/".join(["d" * 40] * 6), "l'été, à 100 %", 'say "no"'])
def test_any_path_will_do(place: Place, name: str) -> None:
    place.data_dir = place.folder / name
    user, sockets = place.user()
    assert answers(sockets)
    assert len(f"{sockets}/{SOCKET}") <= LONGEST_SOCKET_PATH
    assert stat.S_IMODE(Path(sockets).stat().st_mode) == 0o700
    end(user)
    assert not Path(sockets).exists()


def test_a_cleaned_tmp_takes_no_server_away(place: Place) -> None:
    place.data_dir = place.folder / ("d" * 120)
    first, sockets = place.user()
    shutil.rmtree(sockets)
    second, new = place.user()
    assert new != sockets
    assert answers(new)
    end(first)
    end(second)
    assert place.alive() == set()


def test_a_folder_that_is_there_keeps_its_mode(place: Place) -> None:
    place.data_dir.mkdir(mode=0o750)
    place.data_dir.chmod(0o750)
    place.use()
    assert stat.S_IMODE(place.data_dir.stat().st_mode) == 0o750
    assert stat.S_IMODE(place.folder.stat().st_mode) == 0o711


@as_root
def test_as_root_the_cluster_lies_elsewhere_where_its_user_cannot_reach_it(place: Place) -> None:
    place.data_dir.mkdir(mode=0o700)
    place.use()
    home = place.installation.home
    assert home.parent == ELSEWHERE
    assert stat.S_IMODE(home.stat().st_mode) == 0o700
    user, sockets = place.user()
    assert answers(sockets)
    end(user)
    shutil.rmtree(place.data_dir)
    place.use()
    assert place.installation.home != home  # a deleted DATA_DIR is a new installation
    shutil.rmtree(home)


@as_root
def test_an_installation_whose_cluster_is_gone_is_not_quietly_replaced(place: Place) -> None:
    place.data_dir.mkdir(mode=0o700)
    place.use()
    shutil.rmtree(place.installation.home)
    _, said = place.start().communicate()
    assert "the database of this installation is gone" in said


@as_root
def test_another_user_of_the_machine_cannot_enter(place: Place) -> None:
    user, sockets = place.user()
    tried = subprocess.run(["/bin/ls", sockets], check=False, capture_output=True, user=NOBODY.uid, group=NOBODY.gid)
    assert b"Permission denied" in tried.stderr
    data = place.installation.home
    assert stat.S_IMODE(data.stat().st_mode) == 0o700
    assert stat.S_IMODE(place.data_dir.stat().st_mode) & 0o007 == 0
    end(user)


@as_root
def test_programs_that_the_servers_user_cannot_read_are_copied(ordinary: Place) -> None:
    (ordinary.folder / "program").chmod(0o700)
    ordinary.options, ordinary.interpreter = {}, sys.executable
    user, sockets = ordinary.user()
    assert answers(sockets)
    assert Path(f"/proc/{ordinary.server()}/exe").readlink().is_relative_to(ELSEWHERE / "programs")
    end(user)


def test_an_ordinary_user_needs_nothing_else(ordinary: Place) -> None:
    user, sockets = ordinary.user()
    address = f"host={sockets!r} user=selfbilling dbname=selfbilling"
    assert ordinary.use(f"import psycopg; print(psycopg.connect({address!r}).execute('SELECT 1').fetchone())") == "(1,)"
    end(user)
    assert ordinary.alive() == set()


@as_root
def test_root_takes_over_an_ordinary_users_installation(ordinary: Place) -> None:
    ordinary.use()
    ordinary.options = {}
    user, sockets = ordinary.user()
    assert answers(sockets)
    assert Path(sockets).stat().st_uid == NOBODY.uid
    end(user)


def test_a_read_only_place_is_said_in_one_line(ordinary: Place) -> None:
    ordinary.data_dir.parent.chmod(0o500)
    user = ordinary.start(_SAID)
    out, err = user.communicate()
    assert out.splitlines() == [f"The embedded services cannot run under {ordinary.data_dir}: Permission denied ({ordinary.data_dir})"], err


def test_a_full_disk_is_said_in_one_line_and_goes_on_once_there_is_room(ordinary: Place) -> None:
    full = "import resource; resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, resource.RLIM_INFINITY))\n" + _SAID
    out, err = ordinary.start(full).communicate()
    assert len(out.splitlines()) == 1, err
    assert "The database could not be made" in out
    assert ordinary.use()


_SAID = f"""
from selfbilling.errors import Unavailable
try:
    exec({USES!r})
except Unavailable as error:
    print(error)
"""


def test_two_installations_do_not_know_each_other(place: Place) -> None:
    first, one = place.user()
    near = place.data_dir
    place.data_dir = place.folder / "another"
    second = place.start(WAITS)
    assert line_of(second) != one
    end(second)
    assert answers(one)
    place.data_dir = near
    end(first)
