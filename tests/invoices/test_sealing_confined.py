"""Whatever a file makes of its judge: the judge ends, the file is not valid, and the next file is judged."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from invoices.sealing import confined
from invoices.sealing.confined import Judge, Judgement, NoJudge, NotJudged, told
from invoices.sealing.verdicts import Kind, Reason
from invoices.sealing.verification import verify
from tests.invoices.attacks import OURS, SEALED
from tests.invoices.authorities import authority
from tests.invoices.prolonged import levels


class Obeying(Judge):
    """One whose process does what a file says."""

    module = "tests.invoices.broken_judge"


@pytest.fixture
def judge() -> Iterator[Judge]:
    with Obeying(ours=OURS) as one:
        yield one


def test_it_says_what_verification_says_at_every_level() -> None:
    with authority() as world:
        made = levels(world)
    ours = {made.judged(made.b).certificate: next(iter(OURS.values()))}
    with Judge(ours=ours, authorities=[made.root]) as judge:
        for pdf in (made.b, made.t, made.lt, made.lta, made.renewed):
            found = judge.judge(pdf)
            assert found == told(verify(pdf, ours=ours, authorities=[made.root]))
            assert found.verdict.ours
            assert [stamp.at for stamp in found.stamps] == [stamp.at for stamp in made.judged(pdf).timestamps]
        assert judge.judge(made.lta + b"\n").verdict.reason == Reason.ADDED
    with Judge(ours=ours) as knowing_no_authority:
        assert knowing_no_authority.judge(made.t).verdict.reason == Reason.UNKNOWN_AUTHORITY


def test_one_process_judges_many_files(judge: Judge) -> None:
    assert judge.judge(SEALED).verdict.ours
    first = judge.pid
    assert [judge.judge(pdf).verdict.kind for pdf in (b"", b"%PDF-1.7", SEALED)] == [Kind.NOT_A_PDF, Kind.NOT_SEALED, Kind.OURS]
    assert judge.pid == first


def assert_unreadable(found: Judgement) -> None:
    assert found.verdict.reason == Reason.UNREADABLE
    assert found.verdict.kind == Kind.BROKEN
    assert not found.verdict.valid


@pytest.mark.parametrize(
    ("order", "said"),
    [
        ("grow 220000000", "MemoryError"),
        ("raise what nobody foresaw", "what nobody foresaw"),
        ("say half an answer", "(0)"),
        ("die SIGSEGV", "(-11)"),
        ("die SIGABRT", "(-6)"),
    ],
)
def test_a_file_that_breaks_it_is_not_valid_and_our_log_says_why(
    judge: Judge, order: str, said: str, caplog: pytest.LogCaptureFixture
) -> None:
    assert_unreadable(judge.judge(order.encode()))
    assert said in caplog.text
    assert judge.judge(SEALED).verdict.ours


def test_memory_below_the_limit_is_given(judge: Judge) -> None:
    assert judge.judge(b"grow 150000000").verdict.reason == Reason.NOT_A_PDF


def test_a_file_on_which_it_computes_without_end_is_not_valid(judge: Judge, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(confined, "SECONDS", 120)  # on the wall, of a machine that has other things to do
    assert_unreadable(judge.judge(b"loop"))
    assert judge.judge(SEALED).verdict.ours


def test_what_the_files_before_took_is_not_counted(judge: Judge, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(confined, "SECONDS", 120)
    for _ in range(4):
        assert judge.judge(b"take 0.9").verdict.reason == Reason.NOT_A_PDF


def test_it_writes_no_file(judge: Judge, tmp_path: Path) -> None:
    assert_unreadable(judge.judge(f"write {tmp_path / 'written.pdf'}".encode()))
    assert not (tmp_path / "written.pdf").read_bytes()


def test_it_knows_no_secret(judge: Judge, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture) -> None:
    monkeypatch.setenv("SECRET_KEY", "x")
    assert_unreadable(judge.judge(b"tell"))
    assert "['LC_ALL', 'PYTHONPATH']" in caplog.text


def test_a_wait_without_end_says_nothing_of_the_file(judge: Judge, monkeypatch: pytest.MonkeyPatch) -> None:
    assert judge.judge(SEALED).verdict.ours
    monkeypatch.setattr(confined, "SECONDS", 0.1)
    with pytest.raises(NotJudged):
        judge.judge(b"hang")
    monkeypatch.undo()
    assert judge.judge(SEALED).verdict.ours


def test_nor_does_it_if_somebody_kills_it(judge: Judge) -> None:
    with pytest.raises(NotJudged):
        judge.judge(b"die SIGKILL")


_LAST = b"\nstartxref\n%d\n%%%%EOF\n" % len(SEALED)
AS_LARGE_AS_MAY_BE = {
    "byte ranges": b"%PDF-1.7\n<>" + b"/ByteRange [0 9 11 5]" * 470_000,
    "ends": SEALED + b"%%EOF\n" * 1_400_000,
    "zeros": SEALED + bytes(10_000_000) + _LAST,
    "sections of a table": SEALED + b"xref\n" + b"0 0\n" * 2_400_000 + _LAST,
    "arrays in an array": SEALED + b"xref\ntrailer<</a " + b"[" * 9_000_000 + _LAST,
    "one text": SEALED + b"xref\ntrailer<</a(" + b"\\(" * 4_500_000 + _LAST,
    "comments": SEALED + b"xref\ntrailer<<" + b"%x\n" * 3_000_000 + _LAST,
    "keys": SEALED + b"xref\ntrailer<<" + b"".join(b"/%d 1 " % one for one in range(700_000)) + b">>" + _LAST,
}
"""Files of almost 10 MB, each of one thing without end."""


@pytest.mark.parametrize("pdf", AS_LARGE_AS_MAY_BE.values(), ids=AS_LARGE_AS_MAY_BE.keys())
def test_no_file_as_large_as_may_be_comes_near_the_limits(judge: Judge, monkeypatch: pytest.MonkeyPatch, pdf: bytes) -> None:
    monkeypatch.setattr(confined, "SECONDS", 120)
    found = judge.judge(pdf)
    assert found.verdict.kind == Kind.ALTERED


def test_without_a_process_nothing_is_judged() -> None:
    class Nowhere(Judge):
        module = "tests.invoices.there_is_no_such_judge"

    with Nowhere(ours=OURS) as judge, pytest.raises(NoJudge, match="No module named"):
        judge.judge(SEALED)


def test_it_ends_with_whoever_asks(judge: Judge) -> None:
    with Judge(ours=OURS) as other:
        other.judge(b"")
        pid = other.pid
    assert not Path(f"/proc/{pid}").exists()
