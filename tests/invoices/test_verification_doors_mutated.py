"""Files that accident and malice changed break no judge, come near none of its limits, and none is valid but one that is as it was.

Some hundreds each time; `make fuzz` tries ten thousand, and says what they took.
"""

import os
import sys
import time
from collections import Counter
from pathlib import Path

import pytest

from invoices.document.facturx import cii
from invoices.document.pdfa import unsealed
from invoices.sealing.confined import MEMORY, Judge
from invoices.sealing.keys import Home, fingerprint
from invoices.sealing.verdicts import Reason
from tests.invoices.authorities import authority
from tests.invoices.contents import standard
from tests.invoices.mutations import mutated
from tests.invoices.prolonged import Levels, levels

MUTATIONS = int(os.environ.get("FUZZ_FILES", "300"))
FIRST = int(os.environ.get("FUZZ_SEED", "20261102"))


@pytest.fixture(scope="module")
def made() -> list[Levels]:
    """A small file and a whole invoice, each at all levels."""
    with authority() as world:
        return [levels(world), levels(world, pdf=unsealed(standard(), cii(standard())))]


def most_memory(pid: int | None) -> int:
    """Bytes that the process held at most, so far."""
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("VmHWM")) * 1024


def test_no_mutated_file_is_valid_and_none_breaks_the_judge(made: list[Levels], capfd: pytest.CaptureFixture[str]) -> None:
    files = [pdf for one in made for pdf in (one.b, one.t, one.lt, one.lta, one.renewed)]
    ours = {fingerprint(one.key.chain[0]): Home.SOFTWARE for one in made}
    slowest, as_they_were = 0.0, 0
    kinds: Counter[str] = Counter()
    with Judge(ours=ours, authorities=[one.root for one in made]) as judge:
        assert all(judge.judge(pdf).verdict.ours for pdf in files)
        pid, before = judge.pid, most_memory(judge.pid)
        for seed in range(FIRST, FIRST + MUTATIONS):
            pdf, changes = mutated(files, seed=seed)
            start = time.monotonic()
            verdict = judge.judge(pdf).verdict
            slowest = max(slowest, time.monotonic() - start)
            as_they_were += pdf in files
            kinds[verdict.kind] += 1
            assert verdict.valid == (pdf in files), f"{seed}: {changes}: {verdict.why}"
            assert verdict.reason != Reason.UNREADABLE, f"{seed}: {changes}"
        grown = most_memory(pid) - before
        assert judge.pid == pid, "a process ended"
        assert judge._end() == (0, "")
    assert grown < MEMORY
    with capfd.disabled():
        if "FUZZ_FILES" in os.environ:
            sys.stdout.write(
                f"\n{MUTATIONS} mutated files from seed {FIRST}: {as_they_were} were as before, slowest {slowest:.3f} s, "
                f"{grown / 2**20:.1f} MB of growth, {dict(kinds)}\n"
            )


def test_the_same_seed_gives_the_same_file(made: list[Levels]) -> None:
    files = [made[0].b, made[0].renewed]
    assert mutated(files, seed=7) == mutated(files, seed=7)
    assert len({mutated(files, seed=seed)[0] for seed in range(50)}) > 45
