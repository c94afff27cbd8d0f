"""A superuser makes a member of staff, and hands over a link that is shown once."""

import re

import pytest
from django.test import Client
from pytest_django.asserts import assertContains, assertNotContains, assertRedirects

from relays.models import Person
from selfbilling.models import JournalEntry
from tests import cast

pytestmark = pytest.mark.django_db
FORM, LINK = "/admin/relays/person/membre/", "/admin/relays/person/membre/lien/"


@pytest.fixture
def boss() -> Client:
    return cast.browser(cast.with_second_factor(Person.objects.create_superuser("boss@example.org", cast.PASSWORD, name="Inès Boss")))


def test_a_member_is_made_and_the_link_is_shown_once(boss: Client) -> None:
    assertContains(boss.get(FORM), "Ajouter un membre de l’équipe")
    answer = boss.post(FORM, {"email": "Ondine@example.org ", "group": "support"})
    assertRedirects(answer, LINK, fetch_redirect_response=False)
    page = boss.get(LINK)
    assertContains(page, "Ondine@example.org fait partie de l’équipe")
    member = Person.objects.get(email__iexact="ondine@example.org")
    assert (member.is_staff, member.is_active, [group.name for group in member.groups.all()]) == (True, True, ["support"])
    entry = JournalEntry.objects.get(act="staff created", subject=f"person:{member.pk}")
    assert (entry.by, entry.through) == (Person.objects.get(email="boss@example.org"), "admin")
    link = re.search(r"/mot-de-passe/[^<]+/", page.content.decode())
    assert link is not None
    assertContains(Client().get(link[0], follow=True), "mot de passe")
    assertRedirects(boss.get(LINK), FORM, fetch_redirect_response=False)


def test_what_was_typed_wrongly_is_said_and_kept(boss: Client) -> None:
    answer = boss.post(FORM, {"email": "ondine", "group": "kings"})
    assertContains(answer, 'value="ondine"', status_code=422)
    assertContains(answer, "Choisissez une équipe", status_code=422)
    assert not Person.objects.filter(email__startswith="ondine").exists()


def test_an_address_that_exists_joins_and_stays_who_it_is(boss: Client) -> None:
    alice = cast.person("alice@example.org", name="Alice N’Guyen")
    boss.post(FORM, {"email": "ALICE@example.org", "group": "clerks"})
    alice.refresh_from_db()
    assert (alice.is_staff, alice.name, Person.objects.filter(email__iexact="alice@example.org").count()) == (True, "Alice N’Guyen", 1)


def test_nobody_else_comes_in(boss: Client, clerk: Client, manager: Client, support: Client, visitor: Client, owner: Client) -> None:
    for address in (FORM, LINK):
        assert {browser.get(address).status_code for browser in (clerk, manager, support)} == {403}
        assert visitor.get(address).status_code == 302
        assert owner.get(address).status_code in {302, 403}
        assert boss.put(address).status_code == 405
    assert clerk.post(FORM, {"email": "a@example.org", "group": "billing"}).status_code == 403
    assert boss.post(LINK).status_code == 405
    assert not Person.objects.filter(email="a@example.org").exists()
    assertContains(boss.get("/admin/relays/person/"), FORM)
    assertNotContains(boss.get("/admin/relays/relay/"), FORM)
