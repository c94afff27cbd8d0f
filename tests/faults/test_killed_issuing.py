"""`issue`, killed by SIGKILL at each point in turn; then the same command, and the register of an undisturbed run."""

import fcntl
import os

from tests.faults.processes import kill
from tests.faults.scene import ISSUE, Scene
from tests.faults.whole import archived, assert_no_gap, assert_whole, documents

INVOICES, AT_ONCE = 40, 20
SERIES_OF_THE_25TH = (
    "INSERT INTO invoices_series (relay_id, root, year, last_rank) SELECT id, 'RR' || code, 0, 0 FROM relays_relay WHERE code = 'R0025'"
)
UNSHELVED = "SELECT d.sha256 FROM invoices_unshelved u JOIN invoices_document d ON d.id = u.document_id ORDER BY d.id"


def test_killed_while_numbering(scene: Scene, register: list[dict[str, str]]) -> None:
    for table in ("selfbilling_journalentry", "invoices_invoice", "invoices_invoiceline", "relays_billeddays", "invoices_due"):
        with scene.holding(f"LOCK TABLE {table} IN SHARE MODE") as lock:
            issue = scene.start(*ISSUE)
            scene.stopped_at(lock, issue)
            issue.kill()
        assert scene.count("invoices_invoice") == scene.count("invoices_due") == scene.count("invoices_series") == 0, table
        started = table != "selfbilling_journalentry"
        assert scene.rows("SELECT state FROM invoices_run") == [("issuing" if started else "approved",)]
    scene.done(*ISSUE)
    assert_whole(scene, register)


def test_killed_between_two_transactions_of_numbering(scene: Scene, register: list[dict[str, str]]) -> None:
    with scene.holding(SERIES_OF_THE_25TH) as lock:
        issue = scene.start_in_parts(*ISSUE)
        scene.stopped_at(lock, issue)
        issue.kill()
    numbered = [row["number"] for row in register[:20]]
    assert scene.rows("SELECT number FROM invoices_invoice ORDER BY number") == [(number,) for number in numbered]
    assert_no_gap(scene)
    scene.done("issue", "2026-10")  # the date is fixed by now
    assert_whole(scene, register)


def test_killed_between_the_last_number_and_the_runs_end(scene: Scene, register: list[dict[str, str]]) -> None:
    with scene.holding("LOCK TABLE invoices_due IN SHARE MODE") as lock, scene.connect() as watch, scene.connect() as next_one:
        issue = scene.start(*ISSUE)
        scene.stopped_at(lock, issue)
        run = lock.pass_on_to("SELECT id FROM invoices_run FOR UPDATE", watch, next_one)
        scene.stopped_at(run, issue)
        issue.kill()
        run.release()
    assert scene.rows("SELECT state FROM invoices_run") == [("issuing",)]
    assert scene.count("invoices_invoice") == scene.count("invoices_due", "step = 'seal'") == INVOICES
    scene.done(*ISSUE)
    assert_whole(scene, register)


def test_killed_while_sealing(scene: Scene, register: list[dict[str, str]]) -> None:
    for table in ("invoices_document", "invoices_unshelved"):
        with scene.holding(f"LOCK TABLE {table} IN SHARE MODE") as lock:
            issue = scene.start(*ISSUE)
            scene.stopped_at(lock, issue)
            issue.kill()
        assert scene.count("invoices_document") == scene.count("invoices_unshelved") == len(archived(scene)) == 0
        assert scene.count("invoices_due", "step = 'seal'") == INVOICES
    scene.done(*ISSUE)
    assert_whole(scene, register)


def test_killed_between_seal_and_archive_then_while_shelving(scene: Scene, register: list[dict[str, str]]) -> None:
    with scene.holding("LOCK TABLE invoices_document IN SHARE MODE") as lock, scene.connect() as watch, scene.connect() as next_one:
        issue = scene.start(*ISSUE)
        scene.stopped_at(lock, issue)
        due = lock.pass_on_to("LOCK TABLE invoices_due IN EXCLUSIVE MODE", watch, next_one)
        scene.stopped_at(due, issue)
        issue.kill()
        due.release()
    sealed = documents(scene)
    assert len(sealed) == scene.count("invoices_unshelved") == scene.count("invoices_due", "step = 'shelve'") == AT_ONCE
    assert archived(scene) == []

    with scene.holding("SELECT document_id FROM invoices_unshelved FOR UPDATE") as lock:  # no row of theirs can go
        issue = scene.start(*ISSUE)
        scene.stopped_at(lock, issue)
        issue.kill()
    assert sorted(file.name for file in archived(scene)) == sorted(sealed) == sorted(documents(scene))
    assert scene.count("invoices_unshelved") == scene.count("invoices_due", "step = 'shelve'") == AT_ONCE
    scene.done(*ISSUE)
    assert_whole(scene, register)
    assert set(sealed) < set(documents(scene))  # sealed once: those bytes are the invoices


def test_killed_in_the_midst_of_a_file(scene: Scene, register: list[dict[str, str]]) -> None:
    """Another process holds the folder of the eleventh document; killed there, half of it is left under a temporary name."""
    unusable = scene.folder / "not-a-folder"
    unusable.touch()
    assert scene.run(*ISSUE, ARCHIVE_DIR=str(unusable)).status == 1
    sealed = [sha256 for (sha256,) in scene.rows(UNSHELVED)]
    folder = scene.archive / sealed[10][:2] / sealed[10][2:4]
    folder.mkdir(parents=True)
    descriptor = os.open(folder, os.O_RDONLY)
    fcntl.flock(descriptor, fcntl.LOCK_EX)
    issue = scene.start(*ISSUE)
    for _ in issue.runs():
        if issue.waits_for_a_file_lock():
            break
    issue.kill()
    (folder / f"{sealed[10]}.tmp").write_bytes(b"%PDF-1.7 half")
    os.close(descriptor)
    scene.wait_for_orphans()
    assert 0 < len(archived(scene)) <= AT_ONCE
    assert scene.count("invoices_unshelved") == AT_ONCE
    scene.done(*ISSUE)
    assert_whole(scene, register)


def test_its_pool_ends_with_it(scene: Scene, register: list[dict[str, str]]) -> None:
    with scene.holding("LOCK TABLE invoices_document IN SHARE MODE") as lock:
        issue = scene.start_in_parts(*ISSUE)
        scene.stopped_at(lock, issue)
        assert issue.children()
        issue.kill()  # it alone; waits until its children have ended
    scene.done(*ISSUE)
    assert_whole(scene, register)


def test_one_process_of_its_pool_killed(scene: Scene, register: list[dict[str, str]]) -> None:
    """By the kernel for want of memory, say."""
    with scene.holding("LOCK TABLE invoices_document IN SHARE MODE") as lock:
        issue = scene.start_in_parts(*ISSUE)
        scene.stopped_at(lock, issue)
        kill(issue.children()[0])
        ended = issue.ended()
        issue.wait_for_its_session()
    assert ended.status == 1
    assert ended.lines == ["A process that did a part of the work was killed (out of memory?). Run the same command again."]
    scene.done(*ISSUE)
    assert_whole(scene, register)
