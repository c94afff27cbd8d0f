"""Scenes: databases cloned from one that was imported, approved or issued once for the whole session."""

import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from django.conf import settings

from invoices.sealing.keys.demo import load_or_make
from selfbilling.embedded import use
from tests.faults.scene import CAMILLE, DOMINIQUE, ISSUE, MONTH, SAMPLE, Scene
from tests.faults.whole import undisturbed
from tests.selfbilling.users import connect

KINDS = ("relays", "mandates", "tariffs", "activity", "adjustments")


@pytest.fixture(scope="session")
def imported(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Scene]:
    """The sample, imported; and two members of billing."""
    scene = _new(tmp_path_factory.mktemp("imported"), "imported")
    scene.prepare(
        ["migrate", "--verbosity", "0"],
        *(["create_staff", email, "--group", "billing"] for email in (CAMILLE, DOMINIQUE)),
        *([f"import_{kind}", str(SAMPLE / f"{kind}.csv")] for kind in KINDS),
    )
    yield scene
    scene.end()


@pytest.fixture(scope="session")
def billed(imported: Scene, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Scene]:
    """… billed."""
    scene = _clone(imported, tmp_path_factory.mktemp("billed"), "billed")
    scene.prepare(["bill", MONTH, "--by", CAMILLE])
    yield scene
    scene.end()


@pytest.fixture(scope="session")
def approved(billed: Scene, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Scene]:
    """… and approved."""
    scene = _clone(billed, tmp_path_factory.mktemp("approved"), "approved")
    load_or_make(scene.data_dir / "demo-certificate")  # once for all: a key takes its time
    scene.prepare(["approve", MONTH, "--by", DOMINIQUE])
    yield scene
    scene.end()


@pytest.fixture(scope="session")
def issued(approved: Scene, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Scene]:
    """… issued and archived, undisturbed."""
    scene = _clone(approved, tmp_path_factory.mktemp("issued"), "issued")
    scene.prepare(ISSUE, ["export_run", MONTH, str(scene.folder / "export")])
    yield scene
    scene.end()


@pytest.fixture(scope="session")
def register(issued: Scene) -> list[dict[str, str]]:
    """What an undisturbed run comes to."""
    return undisturbed(issued.folder / "export" / "register.csv")


@pytest.fixture
def scene_of(tmp_path: Path) -> Iterator[Callable[[Scene], Scene]]:
    """Makes a scene that begins where another one ended."""
    made: list[Scene] = []

    def clone(template: Scene) -> Scene:
        made.append(_clone(template, tmp_path, f"scene{len(made)}"))
        return made[-1]

    yield clone
    for scene in made:
        scene.end()


@pytest.fixture
def scene(approved: Scene, scene_of: Callable[[Scene], Scene]) -> Scene:
    """October approved, nothing issued: where most scenes begin."""
    return scene_of(approved)


def _new(folder: Path, name: str) -> Scene:
    sockets = str(use.database(settings.DATA_DIR, durable=False))
    database = f"faults_{name}_{os.getpid()}"
    with connect(sockets, dbname="postgres") as connection:
        connection.execute(f"DROP DATABASE IF EXISTS {database} WITH (FORCE)")
        connection.execute(f"CREATE DATABASE {database}")
    return Scene(folder, sockets, database)


def _clone(template: Scene, folder: Path, name: str) -> Scene:
    template.wait_for_orphans()
    database = f"faults_{name}_{os.getpid()}"
    with connect(template.sockets, dbname="postgres") as connection:
        connection.execute(f"CREATE DATABASE {database} TEMPLATE {template.database}")
    scene = Scene(folder, template.sockets, database)
    if template.data_dir.exists():
        shutil.copytree(template.data_dir, scene.data_dir, ignore=shutil.ignore_patterns("embedded"))
    return scene
