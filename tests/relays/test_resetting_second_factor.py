"""A lost second factor is reset by somebody else, who says why; its owner is signed out, told, and sets up another one."""

import html
from typing import Any

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from django.core import mail
from django.db import DataError
from django.test import Client
from pytest_django.asserts import assertContains, assertNotContains, assertRedirects

from relays import resetting_second_factor
from relays.models import Person, Relay, Role
from selfbilling.models import JournalEntry
from tests import cast, world

pytestmark = pytest.mark.django_db
WHY = "Téléphone perdu, rappelée au numéro de la boutique."


@pytest.fixture
def boss() -> Person:
    return cast.with_second_factor(Person.objects.create_superuser("boss@example.org", cast.PASSWORD, name="Inès Boss"))


@pytest.fixture
def alice(shop: Relay) -> Person:
    """The shop's owner, with an app, two passkeys and recovery codes."""
    return with_everything(cast.owner(shop))


def with_everything(who: Person) -> Person:
    cast.with_second_factor(who)
    for name in ("Téléphone", "Ordinateur"):
        Authenticator.objects.create(user=who, type=Authenticator.Type.WEBAUTHN, data={"name": name})
    RecoveryCodes.activate(who)
    return who


def signed_in(who: Person) -> Client:
    """A browser in which that person signed in by password, before there was a second factor."""
    browser = cast.browser()
    assert browser.post("/compte/login/", {"login": who.email, "password": cast.PASSWORD}).status_code == 302
    assert browser.get("/compte/").status_code == 200
    return browser


def at_support(relay: Relay, who: Person) -> str:
    return f"/bureau/relais/{relay.code}/personnes/{who.pk}/deux-etapes/"


def in_admin(who: Person) -> str:
    return f"/admin/relays/person/{who.pk}/deux-etapes/"


def text(response: Any) -> str:
    return html.unescape(response.content.decode())


def keys(who: Person) -> int:
    """How many parts that person's second factor has."""
    return int(Authenticator.objects.filter(user=who).count())


# Support, for people of relays.


def test_support_comes_to_it_from_the_relay_s_people(support: Client, shop: Relay, alice: Person) -> None:
    cast.employee(shop)
    page = support.get(f"/bureau/relais/{shop.code}/")
    assertContains(page, at_support(shop, alice))
    assertContains(page, "Alice N’Guyen</strong>, propriétaire")
    assertContains(page, "Bob Œuvrard")
    assertContains(page, "Sans vérification en deux étapes")
    confirm = text(support.get(at_support(shop, alice)))
    assert "Alice N’Guyen\u202f: réinitialiser la vérification en deux étapes\u202f?" in confirm
    assert [confirm.count(kind) for kind in ("<li>Une application", "<li>Une clé d’accès", "<li>Codes de secours")] == [1, 2, 1]
    assert keys(alice) == 4, "looking takes nothing away"


def test_all_of_it_goes_and_nobody_stays_signed_in(support: Client, shop: Relay) -> None:
    alice, bob = cast.owner(shop), cast.employee(shop)
    hers, his = [signed_in(alice), signed_in(alice)], signed_in(bob)
    with_everything(alice)
    cast.with_second_factor(bob)
    answer = support.post(at_support(shop, alice), {"reason": WHY}, follow=True)
    assertContains(answer, "est réinitialisée")
    assert (keys(alice), keys(bob)) == (0, 1)
    for browser in hers:
        assertRedirects(browser.get("/compte/"), "/compte/login/?next=/compte/")
    assert his.get("/compte/").status_code == 200
    assert signed_in(alice).get("/").status_code == 200


def test_the_journal_and_the_relay_s_story_say_who_whose_and_why(support: Client, shop: Relay, alice: Person) -> None:
    support.post(at_support(shop, alice), {"reason": f"  {WHY}\n"})
    entry = JournalEntry.objects.get(act="second factor reset")
    assert (entry.subject, entry.by, entry.through) == (f"person:{alice.pk}", cast.support(), "desk")
    assert entry.detail == {"reason": WHY, "taken": ["recovery_codes", "totp", "webauthn", "webauthn"], "sessions": 0}
    story = text(support.get(f"/bureau/relais/{shop.code}/"))
    assert "Alice N’Guyen\u202f: vérification en deux étapes réinitialisée" in story
    assert WHY in story
    assert "Sacha Perrin" in story


def test_nothing_is_taken_away_without_its_entry_in_the_journal(alice: Person, boss: Person) -> None:
    with pytest.raises(DataError):  # what PostgreSQL keeps in no journal
        resetting_second_factor.reset(person_id=alice.pk, reason="Perdu \x00", by=boss)
    assert keys(alice) == 4


def test_its_owner_is_told_in_french_and_what_to_do_if_it_was_not_them(support: Client, shop: Relay, alice: Person) -> None:
    support.cookies["django_language"] = "en"
    support.post(at_support(shop, alice), {"reason": WHY})
    [letter] = mail.outbox
    assert (letter.to, letter.subject) == (["alice@example.org"], "Vérification en deux étapes réinitialisée")
    assert "Si ce n’est pas vous qui l’avez demandé, changez tout de suite de mot de passe" in letter.body
    assert "/compte/login/" in letter.body
    assert "bureau" not in letter.body
    assert WHY not in letter.body


def test_the_act_stands_where_the_letter_cannot_leave(support: Client, shop: Relay, alice: Person, settings: Any) -> None:
    settings.EMAIL_BACKEND = "selfbilling.outgoing.Backend"
    settings.SMTP_HOST, settings.SMTP_PORT, settings.SMTP_SECURITY = "127.0.0.1", 9, "none"
    answer = support.post(at_support(shop, alice), {"reason": WHY}, follow=True)
    assertContains(answer, "l’e-mail n’a pas pu partir")
    assert keys(alice) == 0


@pytest.mark.parametrize("reason", ["", "  \n "])
def test_a_reason_is_asked_for(support: Client, shop: Relay, alice: Person, reason: str) -> None:
    assertContains(support.post(at_support(shop, alice), {"reason": reason}), "Dites pourquoi", status_code=422)
    assert keys(alice) == 4
    with pytest.raises(resetting_second_factor.NoReason):
        resetting_second_factor.reset(person_id=alice.pk, reason=reason, by=cast.support())


def test_a_second_click_is_told_that_there_is_nothing_left(support: Client, shop: Relay, alice: Person) -> None:
    support.post(at_support(shop, alice), {"reason": WHY})
    assertContains(support.post(at_support(shop, alice), {"reason": WHY}), "il n’y a rien à réinitialiser", status_code=409)
    page = support.get(at_support(shop, alice))
    assertContains(page, "il n’y a rien à réinitialiser")
    assertNotContains(page, 'name="reason"')
    assert JournalEntry.objects.filter(act="second factor reset").count() == 1


# Whose, by whom.


def test_support_does_not_touch_staff_though_they_keep_a_shop_too(support: Client, shop: Relay, boss: Person) -> None:
    clerk = cast.acts_for(cast.clerk(), shop, role=Role.EMPLOYEE)
    cast.acts_for(boss, shop, role=Role.ACCOUNTANT)
    for whom in (clerk, boss):
        page = support.get(at_support(shop, whom))
        assertContains(page, "demandez à un administrateur")
        assertNotContains(page, 'name="reason"')
        assertContains(support.post(at_support(shop, whom), {"reason": WHY}), "demandez à un administrateur", status_code=409)
        assert keys(whom) == 1


def test_nobody_resets_their_own(support: Client, shop: Relay, boss: Person) -> None:
    sacha = cast.acts_for(cast.support(), shop, role=Role.OWNER)
    for browser, address, whom in ((support, at_support(shop, sacha), sacha), (cast.browser(boss), in_admin(boss), boss)):
        assertContains(browser.get(address), "On ne réinitialise pas sa propre vérification")
        assertContains(browser.post(address, {"reason": WHY}), "On ne réinitialise pas sa propre vérification", status_code=409)
        assert keys(whom) == 1


def test_a_person_of_another_relay_is_not_there(support: Client, shop: Relay, alice: Person) -> None:
    other = world.relay("R0002", shop=2)
    assert support.post(at_support(other, alice), {"reason": WHY}).status_code == 404
    nobody = cast.with_second_factor(cast.person("nobody@example.org"))
    assert support.post(at_support(shop, nobody), {"reason": WHY}).status_code == 404
    with pytest.raises(resetting_second_factor.NotTheirs):
        resetting_second_factor.reset(person_id=nobody.pk, reason=WHY, by=cast.support())


def test_nobody_else_comes_in(
    boss: Person, alice: Person, shop: Relay, clerk: Client, manager: Client, support: Client, visitor: Client
) -> None:
    owner = cast.browser(alice)
    for browser in (clerk, manager, support):
        assert browser.get(in_admin(alice)).status_code == 403
        assert browser.post(in_admin(alice), {"reason": WHY}).status_code == 403
    for browser in (clerk, manager, owner):
        assert browser.post(at_support(shop, alice), {"reason": WHY}).status_code == 403
    assertNotContains(manager.get(f"/bureau/relais/{shop.code}/"), at_support(shop, alice))
    assert visitor.post(in_admin(alice), {"reason": WHY}).status_code == 302
    assert owner.post(in_admin(alice), {"reason": WHY}).status_code in {302, 403}
    assert cast.browser(boss).put(in_admin(alice)).status_code == 405
    assert support.put(at_support(shop, alice)).status_code == 405
    assert keys(alice) == 4


# A superuser, for staff.


def test_a_superuser_resets_a_member_of_staff_who_then_sets_up_another_one(boss: Person) -> None:
    sacha, browser = cast.support(), cast.browser(boss)
    assertContains(browser.get(f"/admin/relays/person/{sacha.pk}/change/"), in_admin(sacha))
    assertNotContains(browser.get(f"/admin/relays/person/{boss.pk}/change/"), in_admin(boss))
    assertRedirects(browser.post(in_admin(sacha), {"reason": WHY}), f"/admin/relays/person/{sacha.pk}/change/")
    entry = JournalEntry.objects.get(act="second factor reset")
    assert (entry.subject, entry.by, entry.through) == (f"person:{sacha.pk}", boss, "admin")
    assert "aucune page du bureau ne s’ouvre" in mail.outbox[-1].body
    assertRedirects(signed_in(sacha).get("/bureau/support/"), "/compte/2fa/", fetch_redirect_response=False)


def test_a_superuser_resets_another_superuser(boss: Person) -> None:
    other = cast.with_second_factor(Person.objects.create_superuser("king@example.org", cast.PASSWORD))
    cast.browser(boss).post(in_admin(other), {"reason": WHY})
    assert keys(other) == 0


def test_a_screen_left_open_does_not_open_every_account(support: Client, shop: Relay, alice: Person) -> None:
    statuses = [support.post(at_support(shop, alice), {"reason": ""}).status_code for _ in range(11)]
    assert statuses == [422] * 10 + [429]
    assertContains(support.get(at_support(shop, alice)), "Alice N’Guyen")
