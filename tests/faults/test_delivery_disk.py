"""`deliver` onto a disk that is full: one clear message, no half file, and it finishes when there is room again."""

import email
import email.policy
import os
import subprocess
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.faults.scene import MONTH, Scene

DELIVER = ("deliver", MONTH)


@contextmanager
def small_disk(folder: Path, *, size: str) -> Iterator[Callable[[str], object]]:
    """A disk of that size; what is given makes it larger. Only root mounts."""
    folder.mkdir(parents=True)
    if os.geteuid() != 0 or subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={size}", "tmpfs", folder], check=False).returncode:
        pytest.skip("only root may mount a small disk")
    try:
        yield lambda more: subprocess.run(["mount", "-o", f"remount,size={more}", folder], check=True)
    finally:
        subprocess.run(["umount", folder], check=True)


@pytest.fixture
def scene(scene_of: Callable[[Scene], Scene], issued: Scene) -> Scene:
    return scene_of(issued)


def test_full_while_mailing(scene: Scene) -> None:
    folder = scene.data_dir / "mail"
    with small_disk(folder, size="1m") as grow:
        ended = scene.run(*DELIVER)
        assert ended.status == 1
        assert ended.lines == [
            f"E-mails cannot be written to {folder}: No space left on device. Nothing is lost; "
            "run the same command again once this is mended."
        ]
        assert scene.count("invoices_delivery", "state = 'handing_over'") == 0
        written = [email.message_from_bytes(file.read_bytes(), policy=email.policy.default) for file in folder.iterdir()]
        assert len(written) == scene.count("invoices_delivery", "state = 'sent' AND channel = 'email'") > 0
        assert all(next(message.iter_attachments()).get_content().rstrip().endswith(b"%%EOF") for message in written)
        grow("20m")
        scene.done(*DELIVER)
        assert len(list(folder.iterdir())) == scene.count("invoices_invoice", "channel = 'email'")
    assert scene.count("invoices_due") == 0


def test_full_while_printing(scene: Scene) -> None:
    folder = scene.data_dir / "paper"
    with small_disk(folder, size="16k") as grow:
        ended = scene.run(*DELIVER)
        assert ended.status == 1
        (said,) = ended.lines
        assert said.startswith(f"The paper batch cannot be written to {folder}/{MONTH}/batch-001: No space left on device.")
        assert [file for file in folder.rglob("*") if file.is_file()] == []
        grow("20m")
        scene.done(*DELIVER)
        assert sorted(file.name for file in folder.rglob("*") if file.is_file()) == ["letters.pdf", "manifest.csv"]
    assert scene.count("invoices_due") == 0
