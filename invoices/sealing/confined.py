"""A stranger's file is judged in a process of its own, which may take so much time and memory, writes no file and knows no secret.

The process imports this room alone and judges one file after the other. One that takes more than any file of ours does, or
that breaks the judge, ends that process and is not valid; the next file has another process.
"""

import base64
import datetime as dt
import hashlib
import json
import logging
import os
import resource
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any, Self

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

from invoices.sealing.keys import Home
from invoices.sealing.levels import Level
from invoices.sealing.verdicts import Pades, Reason, Verdict
from invoices.sealing.verification import verify
from selfbilling.errors import Unavailable

LARGEST = 10 * 2**20
"""Bytes of a file that is judged; ours have some 100,000."""
SECONDS = 5.0
"""That a file may take, of the clock on the wall."""
CPU_SECONDS = 2
"""That it may take of a processor; files of ours take some thousandths."""
MEMORY = 200 * 2**20
"""Bytes by which the process may grow."""
_TO_START = 30.0  # seconds
_LONGEST_ANSWER = 1 << 20  # bytes
_ROOT = str(Path(__file__).resolve().parents[2])
_log = logging.getLogger(__name__)


class NotJudged(Unavailable):
    """The process had no time on a busy machine, or somebody killed it: that says nothing of the file."""

    def __init__(self) -> None:
        super().__init__("The file could not be judged in time. Try again.")


class NoJudge(Unavailable):
    """No process can be started."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Stamp:
    """What is told of a timestamp: whose it is, when it was made, until when it proves anything. UTC."""

    authority: str
    at: dt.datetime
    ends: dt.datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Judgement:
    """A verdict without its timestamps' tokens, and what is told of these."""

    verdict: Verdict
    stamps: tuple[Stamp, ...] = ()


class Judge:
    """The process. `with Judge(ours=…, authorities=…) as judge: judge.judge(pdf)`; the arguments are verify's."""

    module = __name__
    """What the process runs."""

    def __init__(self, *, ours: Mapping[str, Home], authorities: Sequence[x509.Certificate] = ()) -> None:
        known = [base64.b64encode(one.public_bytes(Encoding.DER)).decode() for one in authorities]
        self._knows = json.dumps({"ours": dict(ours), "authorities": known}).encode() + b"\n"
        self._process: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._end()

    def judge(self, pdf: bytes) -> Judgement:
        """Judge a file, whoever made it. Raises NotJudged, NoJudge."""
        sha256 = hashlib.sha256(pdf).hexdigest()
        process = self._process or self._started()
        answer = _answer(process, b"%d\n%b" % (len(pdf), pdf), seconds=SECONDS)
        if answer:
            return _read(json.loads(answer), sha256=sha256)
        status, said = self._end()
        if status == -signal.SIGKILL:
            raise NotJudged
        _log.error("Judging the file %s ended its process (%s): %s", sha256, status, said)
        return Judgement(verdict=Verdict(reason=Reason.UNREADABLE, sha256=sha256))

    @property
    def pid(self) -> int | None:
        """The process that judges now."""
        return self._process.pid if self._process else None

    def _started(self) -> "subprocess.Popen[bytes]":
        """Raises NoJudge."""
        path = os.pathsep.join([_ROOT, *filter(None, sys.path)])
        try:
            self._process = process = subprocess.Popen(
                [sys.executable, "-P", "-B", "-m", self.module],
                env={"PYTHONPATH": path, "LC_ALL": "C.UTF-8"},
                cwd="/",
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
            )
        except OSError as error:
            raise NoJudge(f"No process to judge files can be started: {error.strerror}.") from error
        if not _answer(process, self._knows, seconds=_TO_START):
            _, said = self._end()
            raise NoJudge(f"The process that judges files does not start: {said.strip().rpartition(chr(10))[2]}")
        return process

    def _end(self) -> tuple[int, str]:
        """The process's status, and what it said on its way out."""
        if self._process is None:
            return 0, ""
        try:
            _, said = self._process.communicate(timeout=SECONDS)
        except subprocess.TimeoutExpired:
            self._process.kill()
            _, said = self._process.communicate()
        status, self._process = self._process.returncode, None
        return status, said.decode(errors="replace")


def _answer(process: "subprocess.Popen[bytes]", question: bytes, *, seconds: float) -> bytes:
    """The line that the process answers; nothing if it ends, or is ended when the time is over."""
    if process.stdin is None or process.stdout is None:
        raise ValueError("a process without pipes")
    watch = threading.Timer(seconds, process.kill)
    watch.start()
    try:
        process.stdin.write(question)
        process.stdin.flush()
        line = process.stdout.readline(_LONGEST_ANSWER)
        return line if line.endswith(b"\n") else b""
    except BrokenPipeError:
        return b""
    finally:
        watch.cancel()


def told(verdict: Verdict) -> Judgement:
    """The same of a verdict that was found in this process."""
    return _read(_said(verdict), sha256=verdict.sha256)


def _said(verdict: Verdict) -> dict[str, Any]:
    return {
        "reason": verdict.reason.name,
        "values": dict(verdict.values),
        "level": verdict.level,
        "pades": verdict.pades,
        "sealed_at": verdict.sealed_at.isoformat() if verdict.sealed_at else None,
        "signer": verdict.signer,
        "certificate": verdict.certificate,
        "stamps": [[one.authority, one.at.isoformat(), one.ends.isoformat()] for one in verdict.timestamps],
    }


def _read(said: Mapping[str, Any], *, sha256: str) -> Judgement:
    verdict = Verdict(
        reason=Reason[said["reason"]],
        values=said["values"],
        sha256=sha256,
        level=Level(said["level"]) if said["level"] else None,
        pades=Pades(said["pades"]) if said["pades"] else None,
        sealed_at=dt.datetime.fromisoformat(said["sealed_at"]) if said["sealed_at"] else None,
        signer=said["signer"],
        certificate=said["certificate"],
    )
    instants = [(who, dt.datetime.fromisoformat(at), dt.datetime.fromisoformat(ends)) for who, at, ends in said["stamps"]]
    return Judgement(verdict=verdict, stamps=tuple(Stamp(authority=who, at=at, ends=ends) for who, at, ends in instants))


def _judge_until_nobody_asks(questions: IO[bytes], answers: IO[bytes]) -> None:
    """The process itself: first what it knows, then a file after the other, each with its size before it."""
    knows = json.loads(questions.readline())
    ours = {sha256: Home(home) for sha256, home in knows["ours"].items()}
    authorities = [x509.load_der_x509_certificate(base64.b64decode(one)) for one in knows["authorities"]]
    dt.datetime.strptime("2026", "%Y").replace(tzinfo=dt.UTC)  # which is imported at its first use
    _limit_growth()
    answers.write(b"ready\n")
    answers.flush()
    while size := questions.readline():
        _limit_cpu()
        verdict = verify(questions.read(int(size)), ours=ours, authorities=authorities)
        answers.write(json.dumps(_said(verdict)).encode() + b"\n")
        answers.flush()


def _limit_growth() -> None:
    """From here on no byte in any file, no other process (unless root starts us), and so much more memory."""
    pages = int(Path("/proc/self/statm").read_text().split()[0])
    memory = pages * resource.getpagesize() + MEMORY
    resource.setrlimit(resource.RLIMIT_AS, (memory, memory))
    for none in (resource.RLIMIT_FSIZE, resource.RLIMIT_CORE, resource.RLIMIT_NPROC):
        resource.setrlimit(none, (0, 0))


def _limit_cpu() -> None:
    """So much time for the next file, counted from what the files before it took."""
    resource.setrlimit(resource.RLIMIT_CPU, (int(time.process_time()) + CPU_SECONDS + 1, resource.RLIM_INFINITY))


if __name__ == "__main__":
    _judge_until_nobody_asks(sys.stdin.buffer, sys.stdout.buffer)
