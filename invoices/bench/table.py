"""What was measured, as a table with the bars beside it, and as a line for programs."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from statistics import median

from invoices.bench.stopwatch import Spent

Medians = Mapping[str, float]
"""CPU milliseconds by name."""


@dataclass(frozen=True, slots=True)
class Bar:
    """At most so many times (or, at_least, at least so many times less than) what `of` names costs."""

    times: float
    of: str
    words: str
    at_least: bool = False

    def __call__(self, name: str, medians: Medians) -> str:
        """« ✓ ≤ 12 × bare », with the ratio where it is not to the bare signature, which has its column."""
        ratio = medians[name] / medians[self.of]
        holds = ratio >= self.times if self.at_least else ratio <= self.times
        found = "" if self.of == "bare" else f" ({ratio:.{0 if self.at_least else 2}f})"
        return f"{'✓' if holds else '✗'} {'≥' if self.at_least else '≤'} {self.times:g} × {self.words}{found}"


@dataclass(frozen=True, slots=True)
class Beside:
    """How many times what `of` names: to know, without a bar."""

    of: str
    words: str

    def __call__(self, name: str, medians: Medians) -> str:
        """« 2.05 × seal B-B »."""
        return f"  {medians[name] / medians[self.of]:.2f} × {self.words}"


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the table."""

    name: str
    label: str
    bar: Bar | Beside | None = None


ROWS = (
    Row("page", "page: drawing it, QR code and tags included"),
    Row("xml", "XML: CII, EN 16931"),
    Row("pdfa", "PDF/A-3a, PDF/UA-1: the file around both"),
    Row("seal", "seal: PAdES B-B", Bar(2.5, "bare", "bare")),
    Row("total", "one invoice, the four together", Bar(12, "bare", "bare")),
    Row("baseline", "straightforward pipeline", Bar(25, "total", "one invoice", at_least=True)),
    Row("verify", "verification of a seal, B-B", Bar(3, "bare", "bare")),
    Row("verify_blta", "verification of a seal, B-LTA", Beside("verify", "verification B-B")),
    Row("bt", "seal: PAdES B-T, without the network"),
    Row("blt", "seal: PAdES B-LT, without the network"),
    Row("blta", "seal: PAdES B-LTA, without the network", Beside("seal", "seal B-B")),
    Row("total_blta", "one invoice at B-LTA, without the network", Bar(2, "total", "one invoice at B-B")),
    Row("bare", "one RSA-3072 signature"),
)
_KEYS = ("total", "baseline", "bare", "page", "xml", "pdfa", "seal", "verify", "bt", "blt", "blta", "total_blta", "verify_blta")


def medians_of(spent: Spent) -> dict[str, float]:
    """Of each name the median; of an invoice the sum of its parts'."""
    medians = {name: median(times) for name, times in spent.items()}
    unsealed = sum(medians[name] for name in ("page", "xml", "pdfa"))
    return medians | {"total": unsealed + medians["seal"], "total_blta": unsealed + medians["blta"]}


def table(medians: Medians, *, rounds: int, peers: Iterable[Row], absent: Iterable[str]) -> str:
    """The table. peers: with names among the medians; absent: a sentence for each that is not here."""
    lines = [f"{f'CPU an invoice, medians of {rounds} interleaved rounds':<50}{'ms':>9}{'× bare':>9}"]
    lines += [_line(row, medians) for row in ROWS]
    lines.append("the same unsealed files, sealed by")
    lines += [_line(row, medians) for row in peers]
    lines += [f"  {sentence}" for sentence in absent]
    return "\n".join(lines) + "\n"


def result(medians: Medians, *, peers: Iterable[Row]) -> str:
    """The line for programs: RESULT total_ms=… baseline_ms=…"""
    names = (*_KEYS, *(peer.name for peer in peers))
    return "RESULT " + " ".join(f"{name}_ms={medians[name]:.3f}" for name in names) + "\n"


def _line(row: Row, medians: Medians) -> str:
    bar = f"   {row.bar(row.name, medians)}" if row.bar else ""
    return f"{row.label:<50}{medians[row.name]:>9.3f}{medians[row.name] / medians['bare']:>9.1f}{bar}"
