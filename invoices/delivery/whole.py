"""A file is whole on the disk under its name, or it is not there."""

import os
from pathlib import Path


def write(path: Path, data: bytes) -> None:
    """Write a file: under a temporary name, on the disk, then under its own; an older one of that name is replaced.

    Raises OSError, which leaves nothing behind. What a killed process left is written over by the next try.
    """
    temporary = path.with_name(f".{path.name}.writing")
    try:
        with temporary.open("wb") as out:
            out.write(data)
            out.flush()
            os.fsync(out.fileno())
        temporary.replace(path)
    except OSError:
        temporary.unlink(missing_ok=True)
        raise
    _names_to_disk(path.parent)


def make_folder(folder: Path) -> None:
    """Make a folder and those above it, their names on the disk. Raises OSError."""
    if folder.is_dir():
        return
    make_folder(folder.parent)
    folder.mkdir(exist_ok=True)
    _names_to_disk(folder.parent)


def _names_to_disk(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
