"""relays.csv: what goes in, what is refused, what a newer file does."""

import datetime as dt
from pathlib import Path

import pytest

from relays.importing import relays
from relays.models import BEGINNING, BilledDays, Identity, OptIn, Relay, VatRegime
from tests.operators_files import RELAY, Inbox
from tests.world import on

pytestmark = pytest.mark.django_db
DAY_1, DAY_2 = dt.date(2026, 11, 5), dt.date(2026, 11, 20)


@pytest.fixture
def inbox(tmp_path: Path) -> Inbox:
    return Inbox(tmp_path, relays.judge, RELAY)


def history(field: str) -> list[tuple[dt.date, object]]:
    return list(Identity.objects.order_by("valid_from").values_list("valid_from", field))


def regimes() -> list[tuple[str, str, str]]:
    return [(str(r.valid_from), r.regime, r.vat_number) for r in VatRegime.objects.all()]


def test_a_new_relay_is_who_the_file_says_from_the_beginning(inbox: Inbox) -> None:
    assert inbox.take({}, {"relay_code": "r-2_B"}) == "2 new, 0 changed, 0 there already, 0 bad"
    identity = Identity.objects.get(relay__code="R0001")
    assert (identity.valid_from, identity.legal_name, identity.size) == (BEGINNING, "Épicerie de l’Étoile SARL", "")
    assert identity.vat_on_debits is None
    assert regimes()[:1] == [("2025-01-01", "standard", "FR11287244677")]


def test_the_same_file_twice_changes_nothing(inbox: Inbox) -> None:
    optional = {"rcs_city": "Nantes", "share_capital": "8 000 €", "vat_on_debits": "yes", "size": "micro", "email_opt_in_on": "01/03/2026"}
    inbox.take(optional)
    with on(dt.date(2030, 1, 1)):
        assert inbox.take(optional) == "0 new, 0 changed, 1 there already, 0 bad"
    assert (Identity.objects.count(), VatRegime.objects.count(), OptIn.objects.count()) == (1, 1, 1)


def test_an_empty_value_filled_in_holds_from_the_beginning(inbox: Inbox) -> None:
    inbox.take({"legal_name": "", "email": "", "iban": "", "vat_on_debits": "", "size": ""})
    filled = {"vat_on_debits": "yes", "size": "sme"}
    assert inbox.take(filled) == "0 new, 1 changed, 0 there already, 0 bad"
    identity = Identity.objects.get()
    assert (identity.valid_from, identity.legal_name, identity.email) == (BEGINNING, RELAY["legal_name"], RELAY["email"])
    assert (identity.vat_on_debits, identity.size) == (True, "sme")


def test_a_changed_value_holds_from_the_day_of_import(inbox: Inbox) -> None:
    inbox.take({})
    with on(DAY_1, hour=0):
        inbox.take({"city": "Rezé", "address_line2": "Bâtiment B"})
    assert history("city") == [(BEGINNING, "Nantes"), (DAY_1, "Rezé")]
    assert history("address_line2") == [(BEGINNING, "Bâtiment B"), (DAY_1, "Bâtiment B")]  # it was empty: filled in


def test_the_second_change_of_a_day_replaces_the_first(inbox: Inbox) -> None:
    inbox.take({})
    with on(DAY_1):
        inbox.take({"city": "Rezé"})
        inbox.take({"city": "Vertou", "address_line2": "Bâtiment B"})
    assert history("city") == [(BEGINNING, "Nantes"), (DAY_1, "Vertou")]
    assert history("address_line2") == [(BEGINNING, "Bâtiment B"), (DAY_1, "Bâtiment B")]


def test_emptying_is_a_change_and_filling_in_again_holds_from_then(inbox: Inbox) -> None:
    inbox.take({})
    with on(DAY_1):
        inbox.take({"phone": ""})
    with on(DAY_2):
        inbox.take({"phone": "+33600000000", "city": "Rezé"})
    assert history("phone") == [(BEGINNING, RELAY["phone"]), (DAY_1, "+33600000000"), (DAY_2, "+33600000000")]
    assert history("city") == [(BEGINNING, "Nantes"), (DAY_1, "Nantes"), (DAY_2, "Rezé")]


def test_a_column_that_a_later_file_lacks_says_nothing(inbox: Inbox) -> None:
    inbox.take({"size": "micro", "vat_on_debits": "yes", "rcs_city": "Nantes"})
    assert inbox.take({}) == "0 new, 0 changed, 1 there already, 0 bad"


@pytest.mark.parametrize(
    ("column", "value"),
    [
        ("relay_code", ""),
        ("relay_code", "-R1"),
        ("relay_code", "R 1"),
        ("relay_code", "Ré1"),
        ("relay_code", "R" * 19),
        ("siret", ""),
        ("siret", "28724467700849"),
        ("siret", "2872446770084"),
        ("siret", "2,87245E+13"),
        ("siret", "00000000000000"),
        ("siret", "２8724467700848"),
        ("vat_number", "FR12287244677"),
        ("vat_number", "11287244677"),
        ("vat_number", "DE123456788"),
        ("vat_regime", "Standard"),
        ("vat_regime", ""),
        ("vat_from", ""),
        ("vat_from", "1/1/2025"),
        ("iban", "FR7690059324024422242085612"),
        ("iban", "FR76900593240244222420856"),
        ("iban", "RIB 123"),
        ("email", "etoile"),
        ("email", "a@b.fr; c@d.fr"),
        ("email", "étoile@example.org"),
        ("email", f"{'a' * 250}@example.org"),
        ("country", "BE"),
        ("country", ""),
        ("postcode", "97400"),
        ("postcode", "98000"),
        ("postcode", "1000"),
        ("postcode", "4400A"),
        ("email_opt_in_on", "yes"),
        ("legal_name", "x" * 201),
        ("trade_name", "a\x01b"),
        ("legal_form", "x" * 61),
        ("city", "x" * 101),
        ("phone", "0" * 31),
        ("vat_on_debits", "oui"),
        ("size", "huge"),
        ("rcs_city", "x" * 101),
        ("share_capital", "x" * 61),
    ],
)
def test_a_bad_value_is_listed_with_line_column_value_reason_and_remedy(inbox: Inbox, column: str, value: str) -> None:
    good = {"relay_code": "OK"} | ({} if column in RELAY else {column: ""})
    (said,) = inbox.refused(good, {column: value})
    assert said.startswith(f"line 3: {column} “")
    assert "; " in said
    assert not Relay.objects.exists()


@pytest.mark.parametrize(
    "column", ["legal_name", "trade_name", "legal_form", "vat_number", "address_line1", "postcode", "city", "email", "phone", "iban"]
)
def test_what_may_be_empty(inbox: Inbox, column: str) -> None:
    assert inbox.take({column: ""}).startswith("1 new")


def test_numbers_typed_in_groups_are_taken_compact(inbox: Inbox) -> None:
    inbox.take(
        {"siret": "287 244 677 00848", "vat_number": "fr 11 287 244 677", "iban": "FR76 9005 9324\N{NO-BREAK SPACE}0244 2224 2085 611"}
    )
    identity = Identity.objects.get()
    assert (identity.siret, identity.iban) == (RELAY["siret"], RELAY["iban"])
    assert regimes() == [("2025-01-01", "standard", "FR11287244677")]


def test_a_shop_of_la_poste_and_an_account_abroad_are_well_formed(inbox: Inbox) -> None:
    assert inbox.take({"siret": "35600000049837", "iban": "DE89370400440532013000", "vat_number": ""}).startswith("1 new")


def test_a_key_twice_is_bad_even_if_equal_or_bad_otherwise(inbox: Inbox) -> None:
    said = inbox.refused({}, {"relay_code": "R2"}, {}, {"relay_code": "R2", "iban": "?"})
    assert [line.partition(" ")[2][:2] for line in said if "is there 2 times" in line] == ["2:", "3:", "4:", "5:"]


def test_the_rows_of_a_relay_are_its_history(inbox: Inbox) -> None:
    inbox.take({"vat_regime": "franchise", "vat_number": ""}, {"vat_from": "16/10/2026"})
    assert regimes() == [("2025-01-01", "franchise", ""), ("2026-10-16", "standard", "FR11287244677")]
    assert inbox.take({"vat_from": "16/10/2026"}) == "0 new, 0 changed, 1 there already, 0 bad"
    assert len(regimes()) == 2  # what a later file leaves out stays


def test_the_rows_of_a_relay_agree_and_go_in_together(inbox: Inbox) -> None:
    later = {"vat_from": "2026-10-16"}
    said = inbox.refused({}, {**later, "city": "Rezé"})
    assert [line for line in said if "city “R0001” differ between the rows of this relay (lines 2, 3)" in line] == said
    said = inbox.refused({}, {**later, "vat_regime": "?"}, {"relay_code": "R2"})
    assert [line.partition(":")[0] for line in said] == ["line 2", "line 3"]
    assert "go in or out together, and line 3 is bad" in said[0]
    assert (
        str(inbox.take_good_rows({}, {**later, "vat_regime": "?"}, {"relay_code": "R2"}).counts)
        == "1 new, 0 changed, 0 there already, 2 bad"
    )
    assert [relay.code for relay in Relay.objects.all()] == ["R2"]


def test_a_regime_that_alters_a_billed_day_is_refused(inbox: Inbox) -> None:
    inbox.take({})
    BilledDays.objects.create(relay=Relay.objects.get(), first=dt.date(2026, 10, 1), last=dt.date(2026, 10, 31))
    before = regimes()
    (said,) = inbox.refused({"vat_regime": "franchise"})
    assert "alters the VAT of 2026-10-01, which is billed" in said
    assert "can start on 2026-11-01" in said
    (_, said) = inbox.refused({}, {"vat_from": "2026-10-16", "vat_regime": "franchise"})
    assert "line 3: vat_from “2026-10-16 franchise FR11287244677” alters the VAT of 2026-10-16" in said
    (said,) = inbox.refused({"vat_number": ""})
    assert "alters the VAT" in said
    assert regimes() == before
    inbox.take({}, {"vat_from": "2026-11-01", "vat_regime": "franchise"}, {"vat_from": "2026-10-16"})
    assert [since for since, _, _ in regimes()] == ["2025-01-01", "2026-10-16", "2026-11-01"]


def test_a_vat_number_filled_in_alters_no_billed_day(inbox: Inbox) -> None:
    inbox.take({"vat_regime": "franchise", "vat_number": ""})
    BilledDays.objects.create(relay=Relay.objects.get(), first=dt.date(2026, 10, 1), last=dt.date(2026, 10, 31))
    inbox.take({"vat_regime": "franchise"})
    assert regimes() == [("2025-01-01", "franchise", "FR11287244677")]


def test_a_row_before_the_first_that_is_known_alters_no_billed_day(inbox: Inbox) -> None:
    inbox.take({})
    BilledDays.objects.create(relay=Relay.objects.get(), first=dt.date(2026, 10, 1), last=dt.date(2026, 10, 31))
    assert inbox.take({"vat_from": "2024-01-01", "vat_regime": "franchise"}) == "1 new, 0 changed, 0 there already, 0 bad"
