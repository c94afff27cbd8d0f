"""What a person reads, and the status, however a command ends: each in a process of its own."""

import os
import signal
import subprocess
import sys

import pytest

from tests.selfbilling.users import PROJECT, SECONDS

STAND_IN = """
import os, signal, sys
from selfbilling import edge, errors
def command(argv):
    {body}
edge.execute_from_command_line = command
sys.exit(edge.run(["manage.py"]))
"""


def run(body: str) -> subprocess.CompletedProcess[str]:
    """A process whose command does that."""
    command = [sys.executable, "-c", STAND_IN.format(body=body)]
    return subprocess.run(command, check=False, capture_output=True, text=True, cwd=PROJECT, timeout=SECONDS)


def manage(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, str(PROJECT / "manage.py"), *arguments]
    return subprocess.run(command, check=False, capture_output=True, text=True, env=os.environ | environment, timeout=SECONDS)


@pytest.mark.parametrize(
    ("body", "status", "said"),
    [
        ("pass", 0, ""),
        ("raise errors.Refused('The month is not over.')", 1, "The month is not over.\n"),
        ("raise errors.Unavailable('The key cannot be read.')", 1, "The key cannot be read.\n"),
        ("os.kill(os.getpid(), signal.SIGINT)", 130, "Interrupted; the same command goes on from what is done.\n"),
        ("os.kill(os.getpid(), signal.SIGTERM)", 143, ""),
    ],
)
def test_a_command_ends_with_one_line_and_its_status(body: str, status: int, said: str) -> None:
    ended = run(body)
    assert (ended.returncode, ended.stderr) == (status, said)


def test_our_own_bugs_keep_their_traceback() -> None:
    ended = run("raise ValueError('a bug')")
    assert ended.returncode == 1
    assert "Traceback" in ended.stderr


def test_a_reader_that_has_left_is_no_bug() -> None:
    body = "os.kill(os.getpid(), signal.SIGSTOP); print('x' * 1_000_000)"
    process = subprocess.Popen(
        [sys.executable, "-c", STAND_IN.format(body=body)], stdout=subprocess.PIPE, stderr=subprocess.PIPE, cwd=PROJECT
    )
    os.waitid(os.P_PID, process.pid, os.WSTOPPED)
    assert process.stdout is not None
    process.stdout.close()
    process.send_signal(signal.SIGCONT)
    assert process.stderr is not None
    assert process.stderr.read() == b""
    assert process.wait() == 1


def test_wrong_usage_is_status_2() -> None:
    ended = manage("bill", "2026-13", "--by", "nobody@example.org")
    assert ended.returncode == 2
    assert "Traceback" not in ended.stderr


OPERATORS_OWN = {"SECRET_KEY": "x" * 50, "OPERATOR_SERIES": "RR", "ALLOW_DEMO": "yes"}


def test_a_database_that_is_down_is_said_in_one_line() -> None:
    ended = manage("migrate", DATABASE_URL="postgresql://somebody@127.0.0.1:1/none", **OPERATORS_OWN)
    assert ended.returncode == 1
    assert ended.stderr.startswith("The database does not answer: ")
    assert ended.stderr.count("\n") == 1
