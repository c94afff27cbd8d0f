"""PostgreSQL and Valkey from wheels, for an installation that has none of its own."""

import secrets
from pathlib import Path
from typing import Any


def secret_key(data_dir: Path) -> str:
    """The installation's SECRET_KEY, made on first use (0600)."""
    file = data_dir / "secret_key"
    if not file.exists():
        data_dir.mkdir(parents=True, exist_ok=True, mode=0o700)
        file.write_text(secrets.token_urlsafe(50))
        file.chmod(0o600)
    return file.read_text().strip()


def database(data_dir: Path) -> dict[str, Any]:
    """Django's settings of the embedded database; it is started at the first connection."""
    return {"ENGINE": "selfbilling.embedded.backend", "NAME": "selfbilling", "HOST": str(data_dir)}
