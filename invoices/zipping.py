"""Several invoices as one ZIP, made while it is sent: in memory there is never more than one of them."""

import zipfile
from collections.abc import Generator, Iterable

from invoices.models import Document
from invoices.period import PARIS
from invoices.production import original

_FILE = 0o100644 << 16  # an ordinary file, rw-r--r--


class _Sink:
    """Where zipfile writes: it cannot seek, and is emptied after each file."""

    def __init__(self) -> None:
        self._written: list[bytes] = []

    def write(self, data: bytes) -> int:
        """Keep it until it is taken."""
        self._written.append(bytes(data))
        return len(data)

    def flush(self) -> None:
        """Nothing waits."""

    def taken(self) -> bytes:
        """What was written since the last time."""
        data = b"".join(self._written)
        self._written.clear()
        return data


def zipped(documents: Iterable[Document], *, readme: str = "") -> Generator[bytes]:
    """The bytes of a ZIP with each document as <number>.pdf, dated as it was sealed; nothing is compressed (a PDF is).

    readme: a text that goes first, as A-LIRE.txt. The same documents are the same bytes. Raises Unavailable, at the
    latest in the middle: the ZIP has no end then, and no program opens it.
    """
    sink = _Sink()
    with zipfile.ZipFile(sink, "w", zipfile.ZIP_STORED) as archive:  # type: ignore[call-overload]  # it only writes and flushes
        if readme:
            archive.writestr(_entry("A-LIRE.txt"), readme.encode("utf-8-sig"))
        for document in documents:
            sealed_at = document.sealed_at.astimezone(PARIS).timetuple()[:6]
            archive.writestr(_entry(f"{document.invoice.number}.pdf", at=sealed_at), original(document))
            yield sink.taken()
    yield sink.taken()


def _entry(name: str, *, at: tuple[int, ...] = (1980, 1, 1, 0, 0, 0)) -> zipfile.ZipInfo:
    entry = zipfile.ZipInfo(name, at)  # type: ignore[arg-type]
    entry.external_attr = _FILE
    return entry
