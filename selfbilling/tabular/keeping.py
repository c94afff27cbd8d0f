"""An uploaded file, kept on disk for an hour between the look at it and its import: the same bytes, for the same person."""

import hashlib
import os
import re
import shutil
import tempfile
import time
from collections.abc import Iterable
from pathlib import Path

from django.conf import settings
from django.utils.translation import gettext as _

from selfbilling.errors import Unavailable

KEPT_FOR = 3_600  # seconds
_LONGEST_NAME = 150  # bytes: .rejected.csv.part still fits behind it
_SHA256 = re.compile("[0-9a-f]{64}")


def keep(chunks: Iterable[bytes], *, name: str, kind: str, person_id: int) -> str:
    """Keep these bytes for that person; what is older than an hour goes. name: as its owner called it.

    Returns the SHA-256 in hexadecimal, by which kept() finds them again. Raises Unavailable where the disk does not take them.
    """
    sweep()
    try:
        _home().mkdir(parents=True, exist_ok=True)
        coming = Path(tempfile.mkdtemp(dir=_home(), prefix="coming-"))
        sha256 = _write(chunks, coming / _clean(name))
        place = _place(kind, person_id=person_id, sha256=sha256)
        shutil.rmtree(place, ignore_errors=True)
        coming.rename(place)
    except OSError as error:
        said = _("This file could not be kept (%(why)s). Nothing was changed: try again, or tell whoever runs this machine.")
        raise Unavailable(said % {"why": error.strerror}) from error
    return sha256


def kept(kind: str, *, person_id: int, sha256: str) -> Path | None:
    """That person's file, or None: another's, too old, or never there."""
    place = _place(kind, person_id=person_id, sha256=sha256)
    if not _SHA256.fullmatch(sha256) or _is_old(place):
        return None
    return _file_in(place)


def drop(file: Path) -> None:
    """That kept file is no longer needed."""
    shutil.rmtree(file.parent, ignore_errors=True)


def sweep() -> None:
    """Remove what is older than an hour."""
    for place in _home().glob("*"):
        if _is_old(place):
            shutil.rmtree(place, ignore_errors=True)


def _write(chunks: Iterable[bytes], path: Path) -> str:
    digest = hashlib.sha256()
    with path.open("wb") as file:
        for chunk in chunks:
            digest.update(chunk)
            file.write(chunk)
        file.flush()
        os.fsync(file.fileno())
    return digest.hexdigest()


def _home() -> Path:
    return Path(settings.DATA_DIR) / "uploads"


def _place(kind: str, *, person_id: int, sha256: str) -> Path:
    return _home() / f"{person_id}-{kind}-{sha256}"


def _file_in(place: Path) -> Path | None:
    """The file itself, not what was written beside it."""
    found = sorted(place.iterdir()) if place.is_dir() else []
    return next((file for file in found if not file.name.endswith((".rejected.csv", ".part"))), None)


def _is_old(place: Path) -> bool:
    """Whether its file came more than an hour ago, or never whole."""
    try:
        return (_file_in(place) or place).stat().st_mtime < time.time() - KEPT_FOR
    except FileNotFoundError:
        return True


def _clean(name: str) -> str:
    """The name without what a file system or a terminal would obey; the file that holds rejected rows has its own name."""
    plain = "".join(c if c.isprintable() and c not in "/\\" else "_" for c in Path(name).name).lstrip(".")
    short = plain.encode("utf-8", "replace")[-_LONGEST_NAME:].decode(errors="ignore") or "file.csv"
    return re.sub(r"\.(rejected\.csv|part)$", r"-\1", short)
