"""Import, bill, approve and export, killed by SIGKILL; then the same command."""

import fcntl
import os
import select
from collections.abc import Callable
from pathlib import Path

from tests.faults.processes import SECONDS, kill
from tests.faults.scene import CAMILLE, DOMINIQUE, MONTH, SAMPLE, Scene
from tests.faults.whole import acts, undisturbed

JOURNAL = "LOCK TABLE selfbilling_journalentry IN SHARE MODE"  # each deed ends with its entry
BILL = ("bill", MONTH, "--by", CAMILLE)
PAGE = 4096  # bytes: a pipe holds no less
APPROVE = ("approve", MONTH, "--by", DOMINIQUE)
DRAFTS = """
    SELECT d.id, r.state, d.gross, (SELECT count(*) FROM invoices_draftline l WHERE l.draft_id = d.id),
        (SELECT count(*) FROM invoices_draftvat v WHERE v.draft_id = d.id)
    FROM invoices_draft d JOIN invoices_run r ON r.id = d.run_id ORDER BY d.id
"""


def killed_at_its_journal_entry(scene: Scene, *command: str) -> None:
    with scene.holding(JOURNAL) as lock:
        process = scene.start(*command)
        scene.stopped_at(lock, process)
        process.kill()


def test_an_import_brings_all_or_nothing(scene_of: Callable[[Scene], Scene], imported: Scene, tmp_path: Path) -> None:
    scene = scene_of(imported)
    more = tmp_path / "november.csv"
    more.write_text((SAMPLE / "activity.csv").read_text().replace(",2026-10-", ",2026-11-").replace("2026-11-31", "2026-11-30"))
    more.write_text("".join(line for line in more.read_text().splitlines(keepends=True) if ",2026-11-30," not in line))
    before, imports = scene.count("invoices_activity"), acts(scene)["imported"]
    killed_at_its_journal_entry(scene, "import_activity", str(more))
    assert (scene.count("invoices_activity"), acts(scene)["imported"]) == (before, imports)
    assert " 0 changed, 0 there already, 0 bad" in scene.done("import_activity", str(more))
    assert acts(scene)["imported"] == imports + 1
    after = scene.count("invoices_activity")
    assert after > before
    assert " 0 new, " in scene.done("import_activity", str(more))
    assert scene.count("invoices_activity") == after


def test_bill_leaves_the_old_drafts_and_their_approval(scene: Scene) -> None:
    before = scene.rows(DRAFTS)
    killed_at_its_journal_entry(scene, *BILL)
    assert scene.rows(DRAFTS) == before
    assert scene.rows("SELECT state FROM invoices_run") == [("approved",)]
    bill = scene.start_in_parts(*BILL)
    for _ in bill.runs():
        if bill.children():
            break
    bill.kill()  # while others check the documents; they end with it
    assert scene.rows(DRAFTS) == before
    scene.done(*BILL)
    assert [row[2:] for row in scene.rows(DRAFTS)] == [row[2:] for row in before]
    assert scene.rows("SELECT state, count(*) FROM invoices_run GROUP BY state ORDER BY state") == [("drafted", 1), ("withdrawn", 1)]
    assert acts(scene)["billed"] == 2


def test_bill_says_that_a_process_of_its_pool_was_killed(scene: Scene) -> None:
    before = scene.rows(DRAFTS)
    bill = scene.start_in_parts(*BILL)
    for _ in bill.runs():
        if bill.children():
            break
    kill(bill.children()[0])
    ended = bill.ended()
    bill.wait_for_its_session()
    assert (ended.status, ended.lines) == (
        1,
        ["A process that did a part of the work was killed (out of memory?). Run the same command again."],
    )
    assert scene.rows(DRAFTS) == before


def test_approve_is_journaled_with_its_act_or_not_done(scene_of: Callable[[Scene], Scene], billed: Scene) -> None:
    scene = scene_of(billed)
    killed_at_its_journal_entry(scene, *APPROVE)
    assert scene.rows("SELECT state, digest, approved_by_id FROM invoices_run") == [("drafted", "", None)]
    scene.done(*APPROVE)
    assert acts(scene)["approved"] == 1


def test_export_writes_its_files_anew(scene_of: Callable[[Scene], Scene], issued: Scene, register: list[dict[str, str]]) -> None:
    """Stopped in the midst of the twentieth file by a pipe that nobody empties."""
    scene = scene_of(issued)
    folder = scene.folder / "export"
    folder.mkdir()
    unfinished = folder / f".{register[19]['file']}.writing"
    os.mkfifo(unfinished)
    pipe = os.open(unfinished, os.O_RDWR)
    fcntl.fcntl(pipe, fcntl.F_SETPIPE_SZ, PAGE)
    export = scene.start("export_run", MONTH, str(folder))
    assert select.select([pipe], [], [], SECONDS)[0]
    export.kill()
    half = os.read(pipe, PAGE)
    os.close(pipe)
    assert len(list(folder.glob("*.pdf"))) == 19
    unfinished.unlink()
    unfinished.write_bytes(half)
    scene.done("export_run", MONTH, str(folder))
    first, second = ({file.name: file.read_bytes() for file in where.iterdir()} for where in (folder, issued.folder / "export"))
    assert first == second  # two exports are the same bytes, and nothing half written stays
    assert undisturbed(folder / "register.csv") == register
