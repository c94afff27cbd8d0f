"""Who starts the embedded services, who stops them, and what a crash leaves: with real processes, and real kills."""

import os
import signal

import psycopg
import pytest
import redis

from selfbilling.embedded.installation import SOCKET
from tests.selfbilling.users import DURABLE, USES, WAITS, Place, answers, connect, end, kill, line_of

FORKS = (
    USES
    + """
import os, psycopg
child = os.fork()
if child == 0:
    sys.stdin.readline()
    with psycopg.connect(host=str(use.database(Path(sys.argv[1]))), user="selfbilling", dbname="selfbilling") as connection:
        print("child", connection.execute("SELECT 1").fetchone(), flush=True)
    sys.stdin.readline()
else:
    print(child, flush=True)
    os.waitpid(child, 0)
    print("parent", use.database(Path(sys.argv[1])), flush=True)
"""
)


def test_the_last_user_stops_them_whoever_started_them(place: Place) -> None:
    first, sockets = place.user()
    second, same = place.user()
    assert same == sockets
    assert end(first) == 0
    assert answers(sockets)
    assert end(second) == 0
    assert place.alive() == set()
    assert place.guardian() is None
    assert not place.installation.home.joinpath("run").exists()


def test_two_first_users_at_one_moment_make_one_database(place: Place) -> None:
    both = [place.start(WAITS), place.start(WAITS)]
    one, other = (line_of(user) for user in both)
    assert one == other
    assert answers(one)
    assert [end(user) for user in both] == [0, 0]
    assert place.alive() == set()


def test_after_sigkill_of_the_last_user_nothing_stays_behind(place: Place) -> None:
    user, _ = place.user()
    user.kill()
    place.wait_for_the_guardian_to_leave()
    assert place.alive() == set()


def test_a_user_whose_guardian_was_killed_stops_them_itself(place: Place) -> None:
    user, _ = place.user()
    kill(place.guardian() or 0)
    assert end(user) == 0
    assert place.alive() == set()


def test_ctrl_c_reaches_the_command_and_not_the_server(place: Place) -> None:
    user, _ = place.user()
    assert user.pid not in {os.getpgid(place.server()), os.getpgid(place.guardian() or 0)}
    os.killpg(user.pid, signal.SIGINT)
    user.wait()
    assert place.alive() == set()
    assert "received fast shutdown request" in (place.installation.home / "postgres.log").read_text()


def test_a_live_server_whose_users_were_killed_is_taken_over(place: Place) -> None:
    user, sockets = place.user()
    before = place.server()
    kill(place.guardian() or 0, user.pid)
    assert answers(sockets)
    heir, _ = place.user()
    assert place.server() == before
    assert end(heir) == 0
    assert place.alive() == set()


def test_what_was_committed_is_there_after_everything_was_killed(place: Place) -> None:
    user, sockets = place.user()
    with connect(sockets) as connection:
        connection.execute("CREATE TABLE kept (n int)")
        connection.execute("INSERT INTO kept VALUES (1)")
    kill(place.guardian() or 0, user.pid, *place.alive())
    assert (place.installation.cluster / "postmaster.pid").exists()
    heir, sockets = place.user()
    with connect(sockets) as connection:
        assert connection.execute("SELECT n FROM kept").fetchone() == (1,)
    end(heir)


def test_a_process_id_that_is_somebody_elses_by_now_stops_no_start(place: Place) -> None:
    place.use()
    sockets = place.installation.home / "run"
    sockets.mkdir(mode=0o700)
    owner = place.installation.account
    os.chown(sockets, owner.uid, owner.gid)
    sleeper = place.installation.account.run(["/bin/sh", "-c", "sleep 60 >/dev/null 2>&1 & echo $!"]).stdout.strip()
    lines = f"{sleeper}\n{place.installation.cluster}\n1\n5432\n{sockets}\n\n     1         1\nready   \n"
    for stale in (place.installation.cluster / "postmaster.pid", sockets / f"{SOCKET}.lock"):
        stale.write_text(lines)
    try:
        assert place.use()
    finally:
        kill(int(sleeper))


def test_a_cluster_that_was_half_made_is_made_anew(place: Place) -> None:
    user = place.start()
    while not (place.installation.home / "cluster.new" / "base").exists():
        assert user.poll() is None
    user.kill()
    assert place.use()
    assert not (place.installation.home / "cluster.new").exists()


def test_a_database_that_was_not_yet_made_is_made(place: Place) -> None:
    user, sockets = place.user()
    with connect(sockets, user="postgres", dbname="postgres") as connection:
        connection.execute("DROP DATABASE selfbilling")
        connection.execute("DROP ROLE selfbilling")
    end(user)
    user, sockets = place.user()
    assert answers(sockets)
    end(user)


def test_a_forked_child_that_ends_stops_nothing(place: Place) -> None:
    parent = place.start(FORKS)
    sockets, _ = line_of(parent), line_of(parent)
    out, _ = parent.communicate("\n\n")
    assert f"parent {sockets}" in out
    assert place.alive() == set()


def test_a_forked_child_outlives_its_killed_parent(place: Place) -> None:
    parent = place.start(FORKS)
    line_of(parent)
    child = int(line_of(parent))
    kill(parent.pid)
    assert parent.stdin is not None
    parent.stdin.write("\n")
    parent.stdin.flush()
    assert line_of(parent) == "child (1,)"
    kill(child)
    place.wait_for_the_guardian_to_leave()
    assert place.alive() == set()


def test_it_keeps_what_it_has_committed_through_a_power_cut(place: Place) -> None:
    user = place.start(DURABLE + "sys.stdin.readline()")
    with connect(line_of(user)) as connection:
        settings = ["fsync", "synchronous_commit", "full_page_writes", "data_checksums", "listen_addresses"]
        assert [connection.execute(f"SHOW {name}").fetchone() for name in settings] == [("on",)] * 4 + [("",)]
        connection.execute("CREATE EXTENSION btree_gist")
    end(user)


def test_the_role_of_the_product_is_no_superuser(place: Place) -> None:
    user, sockets = place.user()
    with connect(sockets) as connection, pytest.raises(psycopg.errors.InsufficientPrivilege):
        connection.execute("CREATE ROLE intruder")
    end(user)


def test_the_broker_listens_on_its_socket_alone_and_keeps_nothing(place: Place) -> None:
    program = "import sys; from pathlib import Path; from selfbilling.embedded import use; print(use.broker(Path(sys.argv[1])), flush=True)"
    first = place.start(program + "; sys.stdin.readline()")
    address = line_of(first)
    assert place.use(program) == address
    with redis.Redis(unix_socket_path=address, decode_responses=True) as broker:
        assert broker.config_get("port", "save", "appendonly") == {"port": "0", "save": "", "appendonly": "no"}
        broker.set("hint", "1")
    end(first)
    assert place.alive() == set()
    second = place.start(program + "; sys.stdin.readline()")
    with redis.Redis(unix_socket_path=line_of(second)) as broker:
        assert broker.get("hint") is None
    end(second)
