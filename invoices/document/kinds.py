"""What kind of invoice it is: decided by who issues it, and by nothing else.

The operator makes out the relays' invoices under their mandates (CGI art. 289 I-2). A mandate does not reach what
corrects one: the relay itself issues it, in a series of its own (CGI ann. II art. 242 nonies I). So 471 and 261, the
codes of a correction under mandate, are never issued here.
"""

from dataclasses import dataclass
from enum import StrEnum

from invoices.document.content import Content, Party
from selfbilling.errors import Refused

_CORRECTIONS = "+C"
"""Marks a relay's own series. "+" is good in a number (BR-FR-02), yet never stands in a relay's code or in the
operator's root: so no number of the two series can ever be the same."""


class Issuer(StrEnum):
    """Who issues: the buyer in the seller's name, or the seller itself."""

    OPERATOR = "operator"
    RELAY = "relay"


class Act(StrEnum):
    """What is issued: a month's invoice, one that replaces an earlier one, or one that takes earlier ones back."""

    INVOICE = "invoice"
    CORRECTIVE = "corrective"
    CREDIT = "credit"


class NotTheirs(Refused):
    """That issuer may not issue this."""

    def __init__(self, *, issuer: Issuer, act: Act) -> None:
        super().__init__(
            "A correction is issued by the relay itself, not under its mandate: prepare it, and the relay issues it in the portal."
            if issuer is Issuer.OPERATOR
            else f"A relay issues corrections here, and no other {act}: the month's invoice is made out by the operator."
        )


class WrongCorrected(Refused):
    """The earlier invoices that are named are too few, or too many."""

    def __init__(self, *, kind: "Kind", corrects: int) -> None:
        wanted = {0: "no earlier invoice", 1: "exactly one earlier invoice", None: "at least one earlier invoice"}
        super().__init__(f"An invoice of type {kind.type_code} names {wanted[kind.most]}, not {corrects}.")


@dataclass(frozen=True, slots=True, kw_only=True)
class Kind:
    """One kind of invoice (BT-3, UNTDID 1001).

    issuer: who issues it, so whose series numbers it and where a platform takes it. fewest, most: how many earlier
    invoices it names (BG-3; BR-FR-CO-04, BR-FR-CO-05); most None: any number.
    """

    type_code: str
    issuer: Issuer
    fewest: int = 0
    most: int | None = 0

    @property
    def self_billed(self) -> bool:
        """Whether the buyer makes it out: then, and only then, it says so (CGI ann. II art. 242 nonies A I-14°)."""
        return self.issuer is Issuer.OPERATOR

    @property
    def credits(self) -> bool:
        """Whether its amounts are the relay's to give back: nothing is transferred to the relay's account."""
        return self.type_code == "381"

    def root(self, *, operator_series: str, relay_code: str) -> str:
        """The root of its series, at most 24 characters: the operator's own, or the relay's own (BOI-TVA-DECLA-30-20-20-10 §§120-130).

        operator_series: at most 6 of letters, digits, - and _. relay_code: at most 18 of the same.
        """
        return f"{operator_series}{relay_code}" if self.self_billed else f"{relay_code}{_CORRECTIONS}"

    def recipient(self, content: Content) -> Party:
        """Whom a platform delivers it to: the one who did not issue it (BR-FR-21: BT-49; self-billed BR-FR-22: BT-34)."""
        return content.seller if self.self_billed else content.buyer


INVOICE = Kind(type_code="389", issuer=Issuer.OPERATOR)
CORRECTIVE = Kind(type_code="384", issuer=Issuer.RELAY, fewest=1, most=1)
CREDIT = Kind(type_code="381", issuer=Issuer.RELAY, fewest=1, most=None)
KINDS = {kind.type_code: kind for kind in (INVOICE, CORRECTIVE, CREDIT)}
_BY_ACT = {Act.INVOICE: INVOICE, Act.CORRECTIVE: CORRECTIVE, Act.CREDIT: CREDIT}


def kind_of(*, issuer: Issuer, act: Act = Act.INVOICE, corrects: int = 0) -> Kind:
    """The kind of what that issuer issues: its type code, its series and its way follow from it.

    corrects: how many earlier invoices it names. Raises NotTheirs, WrongCorrected.
    Source: CGI art. 289 I-2, ann. II art. 242 nonies I; BR-FR-CO-04, BR-FR-CO-05.
    """
    kind = _BY_ACT[act]
    if kind.issuer is not issuer:
        raise NotTheirs(issuer=issuer, act=act)
    if corrects < kind.fewest or (kind.most is not None and corrects > kind.most):
        raise WrongCorrected(kind=kind, corrects=corrects)
    return kind
