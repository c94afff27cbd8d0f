"""Other programs, which seal the same unsealed files with the same key; one that is not here says why.

Each has its key loaded once, if it can, and seals in memory.
"""

import shutil
import subprocess
import sys
from importlib.metadata import version
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import Any, Protocol, Self

from cryptography import x509
from cryptography.hazmat.primitives.serialization import BestAvailableEncryption, pkcs12
from pypdf import generic

from invoices.bench.authority import Authority
from invoices.bench.stopwatch import Spent
from invoices.bench.straightforward import sealed

# endesive's verifier, which is not used here, wants certvalidator, which cannot be imported with OpenSSL 3.0.10 and later.
sys.modules.setdefault("certvalidator", ModuleType("certvalidator"))
try:
    from endesive.pdf import cms as endesive
except ImportError:
    endesive = None

PROJECT = Path(__file__).resolve().parents[2]
_JAVA = PROJECT / "tests" / "referees" / "pdfbox"
_BUILT = PROJECT / "build" / "pdfbox"
_PASSWORD = "bench"  # noqa: S105  (of a file that lives for a minute)
_WARM_UP = 300


class Absent(Exception):  # noqa: N818
    """A peer is not on this machine; one phrase says what is missing."""


class Peer(Protocol):
    """What seals a file: name in the RESULT line, label in the table."""

    name: str
    label: str

    def seal(self, pdf: bytes, *, spent: Spent) -> bytes:
        """Seal it, and keep what it cost."""

    def close(self) -> None:
        """Leave nothing running."""


class PyHanko:
    """pyHanko as its tutorial has it, the key's file read for each seal."""

    name = "pyhanko"

    def __init__(self, *, key: Path, certificate: Path) -> None:
        self.label = f"pyHanko {version('pyhanko')}, as its tutorial has it"
        self._key, self._certificate = key, certificate

    def seal(self, pdf: bytes, *, spent: Spent) -> bytes:
        """Seal it."""
        return spent.on(self.name, lambda: sealed(pdf, key=self._key, certificate=self._certificate))

    def close(self) -> None:
        """Nothing runs."""


class _Dictionary(generic.DictionaryObject):
    """pypdf 7's, as endesive 3.0.1 calls it."""

    def write_to_stream(self, stream: Any, _key: None = None) -> None:
        super().write_to_stream(stream)


class Endesive:
    """endesive, its key loaded once."""

    name = "endesive"

    def __init__(self, authority: Authority) -> None:
        """Raises Absent."""
        if endesive is None:
            raise Absent("endesive is not installed (requirements-dev.txt)")
        endesive.po = SimpleNamespace(**vars(generic) | {"DictionaryObject": _Dictionary})
        self.label = f"endesive {version('endesive')}, key loaded once"
        self._key = authority.private_key
        self._chain: tuple[x509.Certificate, ...] = authority.key.chain
        self._said: dict[str, Any] = {
            "sigfield": "Seal", "sigandcertify": True, "signingdate": f"D:{authority.at:%Y%m%d%H%M%S}+00'00'",
            "contact": "", "location": "", "reason": "",
        }  # fmt: skip

    def seal(self, pdf: bytes, *, spent: Spent) -> bytes:
        """Seal it."""
        ours, *others = self._chain
        added: bytes = spent.on(self.name, lambda: endesive.sign(pdf, self._said, self._key, ours, others, "sha256"))
        return pdf + added

    def close(self) -> None:
        """Nothing runs."""


class PdfBox:
    """PDFBox and Bouncy Castle in a JVM that stays and is warm. What is counted is the thread that seals: neither the
    compiler's nor the garbage collector's."""

    name = "pdfbox"
    label = "PDFBox 3.0.6 + Bouncy Castle 1.83, warm JVM"

    def __init__(self, authority: Authority, *, folder: Path) -> None:
        """Build it if need be, and start it. folder: for files that come and go. Raises Absent."""
        command = _built()
        self._unsealed, self._sealed, file = (folder / name for name in ("unsealed.pdf", "sealed.pdf", "key.p12"))
        key, (ours, *others) = authority.private_key, authority.key.chain
        file.write_bytes(pkcs12.serialize_key_and_certificates(b"seal", key, ours, others, BestAvailableEncryption(_PASSWORD.encode())))
        self._process = subprocess.Popen([*command, file, _PASSWORD], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, bufsize=1)

    def warmed_up(self, pdf: bytes) -> Self:
        """The same, once it has sealed that file so often that the JVM has compiled what is compiled."""
        for _ in range(_WARM_UP):
            self.seal(pdf, spent=Spent())
        return self

    def seal(self, pdf: bytes, *, spent: Spent) -> bytes:
        """Seal it. Raises RuntimeError if the JVM ended."""
        self._unsealed.write_bytes(pdf)
        if self._process.stdin is None or self._process.stdout is None:
            raise RuntimeError("the JVM has no pipes")
        self._process.stdin.write(f"{self._unsealed}\t{self._sealed}\n")
        said = self._process.stdout.readline()
        if not said:
            raise RuntimeError("the JVM ended; what it said stands above")
        spent[self.name].append(float(said))
        return self._sealed.read_bytes()

    def close(self) -> None:
        """End the JVM."""
        if self._process.stdin:
            self._process.stdin.close()
        self._process.wait()


def _built() -> list[str | Path]:
    """The command that starts it, built on first use. Raises Absent."""
    missing = [name for name in ("java", "javac", "mvn") if shutil.which(name) is None]
    if missing:
        raise Absent(f"no {', '.join(missing)} here (Debian: default-jdk-headless, maven)")
    sources = [_JAVA / "pom.xml", *(_JAVA / "src").rglob("*.java")]
    stamp = _BUILT / "lib"
    if not stamp.exists() or stamp.stat().st_mtime < max(source.stat().st_mtime for source in sources):
        done = subprocess.run(["mvn", "-B", "-q", "-f", sources[0], "package"], capture_output=True, text=True, check=False)  # noqa: S607
        if done.returncode:
            raise Absent("Maven could not build it: " + next(iter(done.stdout.splitlines()), "it says nothing"))
        stamp.touch()
    return ["java", "-cp", f"{_BUILT / 'classes'}:{_BUILT / 'lib'}/*", "Sealer"]
