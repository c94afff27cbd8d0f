"""PostgreSQL and Valkey from wheels, for an installation that has none of its own.

One installation is one DATA_DIR. Whoever uses a service holds a shared lock (`use`); a guardian process waits for that
lock alone, and so stops the services after the last user, however that one ended (`guardian`).
"""

import os
import secrets
from pathlib import Path
from typing import Any

from selfbilling.embedded.installation import Installation

__all__ = ["NAME", "database", "secret_key"]

NAME = "selfbilling"
"""The database's name, and that of the role that owns it."""


def secret_key(data_dir: Path) -> str:
    """The installation's SECRET_KEY, made on first use (0600). Raises OSError where DATA_DIR cannot be written."""
    file = data_dir / "secret_key"
    try:
        if not file.exists():
            Installation(data_dir).make_data_dir()
            _write_once(file, secrets.token_urlsafe(50))
        return file.read_text().strip()
    except OSError as error:
        raise OSError(f"DATA_DIR {data_dir} cannot be used: {error.strerror} ({error.filename})") from error


def _write_once(file: Path, text: str) -> None:
    """Write a file that appears whole or not at all; of two processes that make it at once, the first one's stays."""
    draft = file.with_name(f".{file.name}.{os.getpid()}")
    with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as out:
        out.write(text)
        out.flush()
        os.fsync(out.fileno())
    try:
        os.link(draft, file)
    except FileExistsError:
        pass
    finally:
        draft.unlink()


def database(data_dir: Path, *, durable: bool = True) -> dict[str, Any]:
    """Django's settings of the embedded database; it is started at the first connection.

    durable: False for a database that may be lost with the machine's power (tests): no fsync.
    """
    return {
        "ENGINE": "selfbilling.embedded.backend",
        "NAME": NAME,
        "USER": NAME,
        "HOST": str(data_dir),
        "DURABLE": durable,
    }
