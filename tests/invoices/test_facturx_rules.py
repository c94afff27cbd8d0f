"""Each rule of both official schematrons that looks at what we write is seen to bite: one planted error a rule, found by it.

The rules of business stand in planted_errors.txt, an error each; the profile's own (how often an element stands, which
attributes and codes it may have) say themselves what breaks them. Rules on elements that we never write (allowances,
payees, tax representatives, lines in groups …) have nothing to look at.
"""

import re
from functools import cache

import pytest

from invoices.document.facturx import cii
from invoices.document.schematron import Failure, failures
from tests.invoices.contents import GOOD, SAMPLES
from tests.invoices.official_rules import Rule, contexts_of, rules
from tests.invoices.planting import NothingThere, planted, planted_errors

CANNOT = {
    "CII-SR-464": "its test is A or not A",
    "BR-FR-DEC-01_BT-111": "stands on the same elements as BR-FR-DEC-01_BT-110, which comes first and hides it",
}
STOPS = {  # an amount that stands twice: the stylesheet stops before it comes to its rule, and that is the finding
    "FX-SCH-A-000190",
    "FX-SCH-A-000191",
    "FX-SCH-A-000193",
    "FX-SCH-A-000290",
}
_OCCURS = re.compile(r"Element (?:variant )?'(?P<element>.+)' (?:must|may) occur (?P<how>exactly|at maximum|at least) 1 times\.")
_REQUIRED = re.compile(r"Attribute '(?P<attribute>@\w+)' is required in this context\.")
_LISTED = re.compile(r"Value of '(?P<what>.+)' is not allowed\.")
_UNUSED = re.compile(r"Attribute (?P<attribute>@\w+)' marked as not used in the given context\.")


@cache
def good(name: str) -> bytes:
    return cii(GOOD[name]())


@cache
def asked() -> tuple[Rule, ...]:
    """The rules that look at something in one of our invoices, of whatever kind."""
    ours = [*(make() for make in SAMPLES.values()), *(make() for make in GOOD.values())]
    contexts = set().union(*(contexts_of(cii(one)) for one in ours))
    return tuple(rule for rule in rules() if rule.context in contexts)


TABLE = planted_errors()


@pytest.mark.parametrize("rule", TABLE)
def test_the_planted_error_is_found_by_its_rule(rule: str) -> None:
    sample, edits = TABLE[rule]
    found = failures(planted(good(sample), *edits))
    assert rule in {failure.rule for failure in found}, found


def test_each_rule_of_the_profile_finds_what_it_forbids() -> None:
    unseen = {}
    for rule in asked():
        if rule.name not in TABLE and rule.name not in CANNOT:
            found = _found(rule)
            stopped = any(one.text.startswith("stopped: ") for one in found)
            if not stopped if rule.name in STOPS else rule.name not in {one.rule for one in found}:
                unseen[rule.name, rule.context] = found
    assert unseen == {}


def test_the_table_has_no_rule_that_never_looks_at_our_invoices() -> None:
    assert {*TABLE, *CANNOT, *STOPS} <= {rule.name for rule in asked()}


def _found(rule: Rule) -> list[Failure]:
    """What is found when that rule is broken in the first good invoice that has such an element."""
    for sample in GOOD:
        try:
            xml = planted(good(sample), *_edits(rule))
        except NothingThere:
            continue
        return failures(xml)
    return []


def _edits(rule: Rule) -> list[str]:
    """What breaks a rule of the profile, by its own words: how often an element stands, its attributes, its code list."""
    at = rule.context
    if words := _OCCURS.fullmatch(rule.text):
        element = words["element"]
        if "[" in element:
            return [f"{at}/{element} twice"]
        if words["how"] != "at maximum" and f"[{element}/" not in at:
            return [f"{at}/{element} gone"]
        return [f"{at} + <{element}>1</{element}><{element}>1</{element}>"]
    if words := _REQUIRED.fullmatch(rule.text):
        return [f"{at} twice", f"{at} {words['attribute']} gone"]
    if words := _UNUSED.fullmatch(rule.text):
        return [f"{at} {words['attribute']} = x"]
    words = _LISTED.fullmatch(rule.text)
    assert words, rule
    return [f"{at} {words['what']} = ?" if words["what"].startswith("@") else f"{at} = ?"]
