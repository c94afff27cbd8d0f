"""What a file may turn out to be, and why: sentences as message identifiers with values, for doors to say in their language."""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from invoices.sealing.levels import Level
from invoices.sealing.tokens import Timestamp


class Kind(StrEnum):
    """What a file is."""

    OURS = "ours"
    """Sealed by a certificate of ours, and unchanged since but for timestamps and validation data that we know."""
    OTHERS = "sealed by someone else"
    """The same by a certificate that is not ours."""
    ALTERED = "altered after the seal"
    BROKEN = "seal broken"
    """Damaged, not in the form of our seals, or by a certificate that could not seal then."""
    NOT_SEALED = "not sealed"
    NOT_A_PDF = "not a PDF"


class Pades(StrEnum):
    """The level of EN 319 142-1 that a sealed file has, by what is in it and holds."""

    B = "B-B"
    T = "B-T"
    LT = "B-LT"
    LTA = "B-LTA"


class Reason(StrEnum):
    """Why, in one sentence: the English text, with the names of its values."""

    OURS = "Sealed by « %(signer)s » and unchanged since."
    OTHERS = "Unchanged since it was sealed, but the certificate is not ours: « %(signer)s »."
    CUT = "The file is cut: its last %(bytes)s bytes are missing."
    ADDED = "The file was changed after it was sealed: %(bytes)s bytes were added."
    CONTENT = "The content is not what was sealed."
    MOVED = "The seal does not stand where it says: the file was rewritten after it was sealed."
    SIGNED_AGAIN = "This PDF is signed more than once; an invoice is sealed once, and never signed again."
    BESIDE = "Something lies beside the seal, in its place."
    WRONG_TIMESTAMP = "A timestamp in the file is not right: it was put there, or changed, after the seal was made."
    UNKNOWN_AUTHORITY = "A timestamp in the file is by an authority that is not known here."
    STRANGE_DATA = "Validation data that do not belong to the seal were added to the file."
    FORM = "The seal is damaged, or is not in the form of our seals."
    CERTIFICATES = "The certificates in the seal are not those it was made with."
    SIGNATURE = "The signature in the seal is not by the certificate beside it."
    KEY = "The seal was made by a kind of key that no seal of ours has."
    NO_TIME = "The seal does not say when it was made."
    CERTIFICATE_TIME = "The certificate was not valid when the seal was made."
    CERTIFICATE_REVOKED = "The certificate was revoked when the seal was made."
    CERTIFICATE_UNREADABLE = "The seal's certificate cannot be read."
    UNREADABLE = "Reading the file failed, or took more time or memory than any file of ours does."
    NOT_SEALED = "This PDF carries no seal."
    NOT_A_PDF = "This is not a PDF."


_KINDS = {
    Reason.OURS: Kind.OURS,
    Reason.OTHERS: Kind.OTHERS,
    Reason.NOT_SEALED: Kind.NOT_SEALED,
    Reason.NOT_A_PDF: Kind.NOT_A_PDF,
    **dict.fromkeys(
        (
            Reason.CUT, Reason.ADDED, Reason.CONTENT, Reason.MOVED, Reason.SIGNED_AGAIN, Reason.BESIDE, Reason.WRONG_TIMESTAMP,
            Reason.UNKNOWN_AUTHORITY, Reason.STRANGE_DATA,
        ),
        Kind.ALTERED,
    ),
}  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """What a file turned out to be. Of a file that is not valid nothing is repeated: anyone may claim anything."""

    reason: Reason
    values: Mapping[str, str] = field(default_factory=dict)
    sha256: str  # of the file
    level: Level | None = None  # by law; None unless ours
    pades: Pades | None = None  # None unless valid
    sealed_at: dt.datetime | None = None  # UTC, by the sealer's clock
    signer: str = ""  # the certificate's name
    certificate: str = ""  # its fingerprint
    timestamps: tuple[Timestamp, ...] = ()  # the seal's first, then the document's, in their order; each by a known authority

    @property
    def kind(self) -> Kind:
        """What it is."""
        return _KINDS.get(self.reason, Kind.BROKEN)

    @property
    def valid(self) -> bool:
        """Sealed, in the form of our seals, and unchanged since."""
        return self.kind in {Kind.OURS, Kind.OTHERS}

    @property
    def ours(self) -> bool:
        """Valid, and by a certificate that we know."""
        return self.kind == Kind.OURS

    @property
    def why(self) -> str:
        """The reason in English; in another language: gettext(verdict.reason.value) % verdict.values."""
        return self.reason.value % self.values

    @property
    def renew_before(self) -> dt.datetime | None:
        """When the last timestamp ends as a proof; None without one."""
        return self.timestamps[-1].ends if self.timestamps else None


class Invalid(Exception):  # noqa: N818
    """Why a file is not valid."""

    def __init__(self, reason: Reason, **values: str) -> None:
        super().__init__(reason.value % values)
        self.reason = reason
        self.values = values
