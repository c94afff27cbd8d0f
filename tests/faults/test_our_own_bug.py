"""One invoice that a bug of ours stops never stops the others; a person learns which one, and the log has the traceback."""

from tests.faults.scene import ISSUE, MONTH, Scene
from tests.faults.whole import assert_archive_is_what_rows_name, assert_whole

CHANGE = """
    ALTER TABLE invoices_invoice DISABLE TRIGGER USER;
    UPDATE invoices_invoice SET seller = {seller} WHERE number = 'RRR0007-2026-00001';
    ALTER TABLE invoices_invoice ENABLE TRIGGER USER;
"""
BREAK = CHANGE.format(seller="""seller || '{"of_a_later_version": true}'""")
MEND = CHANGE.format(seller="seller - 'of_a_later_version'")
PUT_OFF = "SELECT i.number, d.step, d.attempts, d.last_error FROM invoices_due d JOIN invoices_invoice i ON i.id = d.invoice_id"


def numbered_but_one_is_broken(scene: Scene) -> None:
    with scene.holding("LOCK TABLE invoices_document IN SHARE MODE") as lock:
        issue = scene.start(*ISSUE)
        scene.stopped_at(lock, issue)
        issue.kill()
    with scene.connect() as connection:
        connection.execute(BREAK)


def test_the_others_are_sealed_and_the_command_names_it(scene: Scene, register: list[dict[str, str]]) -> None:
    numbered_but_one_is_broken(scene)
    (broken,) = scene.rows(
        "SELECT id, seller->>'city', seller->>'address_line1', email FROM invoices_invoice WHERE rank = 1 AND number LIKE 'RRR0007%'"
    )
    ended = scene.run(*ISSUE)
    assert ended.status == 1
    assert "2026-10: 1 invoice still waits. RRR0007-2026-00001: TypeError: " in ended.err
    assert f"Invoice {broken[0]} could not be dealt with (seal)\nTraceback" in ended.err
    assert ended.err.count("Traceback") == 1
    assert not any(personal and personal in ended.err for personal in broken[1:])
    ((number, step, attempts, error),) = scene.rows(f"{PUT_OFF} WHERE step <> 'deliver'")
    assert (number, step, attempts) == ("RRR0007-2026-00001", "seal", 1)
    assert "1 to seal: TypeError: " in scene.done("month", MONTH)
    assert error in scene.done("month", MONTH)
    assert scene.count("invoices_document") == len(register) - 1
    assert_archive_is_what_rows_name(scene)
    with scene.connect() as connection:
        connection.execute(MEND)
    scene.done(*ISSUE)
    assert_whole(scene, register)


def test_a_worker_puts_it_off_and_the_command_says_so(scene: Scene, register: list[dict[str, str]]) -> None:
    numbered_but_one_is_broken(scene)
    worker = scene.start_worker()
    ended = scene.run(*ISSUE)
    assert (ended.status, "Traceback" in ended.err) == (1, False)
    assert "2026-10: 1 invoice still waits. RRR0007-2026-00001: TypeError: " in ended.err
    assert worker.said().count("Traceback") == 1
    assert scene.count("invoices_document") == len(register) - 1
