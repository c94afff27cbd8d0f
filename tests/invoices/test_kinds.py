"""Who issues decides what it is: code, series, and to whom it goes; a correction is never the operator's."""

import pytest

from invoices.document.kinds import KINDS, Act, Issuer, NotTheirs, WrongCorrected, kind_of
from tests.invoices.contents import GROCER, OPERATOR, standard


def test_the_operator_makes_out_the_months_invoice_and_says_so() -> None:
    kind = kind_of(issuer=Issuer.OPERATOR)
    assert (kind.type_code, kind.self_billed) == ("389", True)
    assert kind.recipient(standard()) == GROCER


@pytest.mark.parametrize(("act", "corrects", "code"), [(Act.CORRECTIVE, 1, "384"), (Act.CREDIT, 1, "381"), (Act.CREDIT, 3, "381")])
def test_the_relay_corrects_in_its_own_name(act: Act, corrects: int, code: str) -> None:
    kind = kind_of(issuer=Issuer.RELAY, act=act, corrects=corrects)
    assert (kind.type_code, kind.self_billed) == (code, False)
    assert kind.recipient(standard()) == OPERATOR


@pytest.mark.parametrize("act", [Act.CORRECTIVE, Act.CREDIT])
def test_a_mandate_does_not_reach_corrections(act: Act) -> None:
    with pytest.raises(NotTheirs, match="issued by the relay itself"):
        kind_of(issuer=Issuer.OPERATOR, act=act, corrects=1)


def test_a_relay_makes_out_no_months_invoice_here() -> None:
    with pytest.raises(NotTheirs, match="made out by the operator"):
        kind_of(issuer=Issuer.RELAY)


@pytest.mark.parametrize(
    ("issuer", "act", "corrects", "wanted"),
    [
        (Issuer.OPERATOR, Act.INVOICE, 1, "389 names no earlier invoice, not 1"),
        (Issuer.RELAY, Act.CORRECTIVE, 0, "384 names exactly one earlier invoice, not 0"),
        (Issuer.RELAY, Act.CORRECTIVE, 2, "384 names exactly one earlier invoice, not 2"),
        (Issuer.RELAY, Act.CREDIT, 0, "381 names at least one earlier invoice, not 0"),
    ],
)
def test_it_names_as_many_earlier_invoices_as_its_kind_wants(issuer: Issuer, act: Act, corrects: int, wanted: str) -> None:
    with pytest.raises(WrongCorrected, match=wanted):
        kind_of(issuer=issuer, act=act, corrects=corrects)


def test_the_two_series_of_a_relay_never_share_a_number() -> None:
    """Whatever the operator's root, and whatever other relays of the same shop are called."""
    longest = "R" * 18
    roots = {kind.root(operator_series=series, relay_code=longest) for kind in KINDS.values() for series in ("", "NETW_1")}
    assert roots == {longest, f"NETW_1{longest}", f"{longest}+C"}
    assert max(len(root) for root in roots) <= 24
    assert len(f"{longest}+C-2026-00001") <= 35
