"""Getting in: by password, by a one-time link; who may not; how often one may try; what is told to whom."""

import datetime as dt
import re

import pytest
import time_machine
from allauth.mfa.models import Authenticator
from allauth.usersessions.models import UserSession
from django.core import mail
from django.core.mail import EmailMessage
from django.test import Client
from django.utils import timezone
from pytest_django.asserts import assertContains, assertNotContains, assertRedirects

from relays import signing_in
from relays.models import Person
from tests import cast, world

pytestmark = pytest.mark.django_db


@pytest.fixture
def alice() -> Person:
    return cast.owner(world.relay())


def is_in(browser: Client) -> bool:
    return "_auth_user_id" in browser.session


def sign_in(browser: Client, email: str, password: str = cast.PASSWORD) -> int:
    return browser.post("/compte/login/", {"login": email, "password": password}).status_code


def link_in(message: EmailMessage) -> str:
    """The path of the one link in that message."""
    [path] = re.findall(r"https?://[^/\s]+(/\S+)", str(message.body))
    return str(path)


def ask_for_link(browser: Client, email: str) -> str:
    assertRedirects(browser.post("/compte/lien/", {"email": email}), "/compte/lien/envoye/")
    return link_in(mail.outbox[-1])


def test_one_signs_in_with_address_and_password_whatever_the_case(visitor: Client, alice: Person) -> None:
    assert sign_in(visitor, "ALICE@example.org") == 302
    assert is_in(visitor)


def test_a_wrong_password_and_an_unknown_address_get_the_same_answer(visitor: Client, alice: Person) -> None:
    said = []
    for email in (alice.email, "nobody@example.org"):
        answer = visitor.post("/compte/login/", {"login": email, "password": "wrong"})
        assertContains(answer, "L’adresse e-mail ou le mot de passe est faux.", status_code=422)
        said.append(answer.content.decode().replace(email, "").partition("<form")[2].partition("csrfmiddlewaretoken")[0])
    assert said[0] == said[1]


def test_what_was_typed_stays_in_the_form_but_not_the_password(visitor: Client, alice: Person) -> None:
    answer = visitor.post("/compte/login/", {"login": alice.email, "password": "my secret word"})
    assertContains(answer, 'value="alice@example.org"', status_code=422)
    assertNotContains(answer, "my secret word", status_code=422)


def test_after_five_wrong_passwords_the_right_one_waits_too(visitor: Client, alice: Person) -> None:
    for _ in range(5):
        sign_in(visitor, alice.email, "wrong")
    answer = visitor.post("/compte/login/", {"login": alice.email, "password": cast.PASSWORD})
    assertContains(answer, "Trop d’essais", status_code=422)
    assert not is_in(visitor)


def test_somebody_who_hammers_gets_a_page_that_says_so(visitor: Client, alice: Person) -> None:
    answers = [visitor.post("/compte/login/", {"login": f"x{n}@example.org", "password": "wrong"}) for n in range(31)]
    assertContains(answers[-1], "C’était un peu trop vite", status_code=429)


def test_nobody_signs_up(visitor: Client) -> None:
    assertRedirects(
        visitor.post("/compte/signup/", {"email": "eve@example.org", "password1": "x" * 20, "password2": "x" * 20}), "/compte/login/"
    )
    assert not Person.objects.exists()


def test_signing_out_takes_a_button(owner: Client) -> None:
    assert owner.get("/compte/logout/").status_code == 200
    assert is_in(owner)
    assertRedirects(owner.post("/compte/logout/"), "/compte/login/")
    assert not is_in(owner)


def test_a_closed_account_does_not_get_in(visitor: Client, alice: Person) -> None:
    Person.objects.update(is_active=False)
    sign_in(visitor, alice.email)
    assert not is_in(visitor)


def test_a_printed_login_does_not_get_in_where_demonstrations_are_not_allowed(visitor: Client, alice: Person, settings: object) -> None:
    Person.objects.update(is_demo=True)
    settings.ALLOW_DEMO = False  # type: ignore[attr-defined]
    sign_in(visitor, alice.email)
    assert not is_in(visitor)
    with pytest.raises(signing_in.LinkIsDead):
        signing_in.person_of_link(signing_in.link_token(Person.objects.get()))


# The one-time link.


def test_a_link_opens_a_page_and_its_button_signs_in(visitor: Client, alice: Person) -> None:
    path = ask_for_link(visitor, alice.email)
    assertContains(visitor.get(path), "Se connecter")
    assert not is_in(visitor)
    assert visitor.post(path).status_code == 302
    assert is_in(visitor)


def test_a_program_that_follows_links_in_mail_does_not_use_it_up(visitor: Client, alice: Person) -> None:
    path = ask_for_link(visitor, alice.email)
    for _ in range(3):
        assert cast.browser().get(path).status_code == 200
        assert cast.browser().head(path).status_code == 200
    visitor.post(path)
    assert is_in(visitor)


def test_a_link_works_once(visitor: Client, alice: Person) -> None:
    path = ask_for_link(visitor, alice.email)
    visitor.post(path)
    other = cast.browser()
    assertContains(other.get(path), "Ce lien ne fonctionne plus", status_code=410)
    assert other.post(path).status_code == 409
    assert not is_in(other)


def test_a_link_works_once_though_the_second_step_is_still_to_do(visitor: Client, alice: Person) -> None:
    cast.with_second_factor(alice)
    path = ask_for_link(visitor, alice.email)
    assertRedirects(visitor.post(path), "/compte/2fa/authenticate/")
    assert not is_in(visitor)
    assert cast.browser().post(path).status_code == 409


def test_a_link_dies_when_one_has_signed_in_another_way(visitor: Client, alice: Person) -> None:
    path = ask_for_link(visitor, alice.email)
    sign_in(cast.browser(), alice.email)
    assert visitor.get(path).status_code == 410


def test_a_link_dies_after_a_quarter_of_an_hour(visitor: Client, alice: Person) -> None:
    path = ask_for_link(visitor, alice.email)
    with time_machine.travel(timezone.now() + dt.timedelta(minutes=14)):
        assert visitor.get(path).status_code == 200
    with time_machine.travel(timezone.now() + dt.timedelta(minutes=16)):
        assert visitor.post(path).status_code == 409
    assert not is_in(visitor)


def test_a_link_that_somebody_made_up_is_dead(visitor: Client, alice: Person) -> None:
    path = ask_for_link(visitor, alice.email)
    assert visitor.get(path[:-3] + "xx/").status_code == 410


def test_a_link_signs_in_its_own_person_whoever_is_signed_in(stranger: Client, alice: Person) -> None:
    stranger.post(ask_for_link(cast.browser(), alice.email))
    assert int(stranger.session["_auth_user_id"]) == alice.pk


def test_an_address_without_account_gets_the_same_answer_and_is_told_by_mail(visitor: Client) -> None:
    assertRedirects(visitor.post("/compte/lien/", {"email": "nobody@example.org"}), "/compte/lien/envoye/")
    [message] = mail.outbox
    assert message.subject == "Pas de compte à cette adresse"
    assert "/compte/lien/" not in message.body


def test_the_letter_says_how_long_and_what_if_it_was_not_asked_for(visitor: Client, alice: Person) -> None:
    ask_for_link(visitor, alice.email)
    [message] = mail.outbox
    assert message.subject == "Votre lien pour vous connecter"
    assert "pendant 15 minutes" in message.body
    assert "Vous n’avez rien demandé" in message.body
    assert message.from_email.startswith('"Réseau Relais SAS"')
    [(html, _type)] = message.alternatives  # type: ignore[attr-defined]
    assert link_in(message) in html


def test_an_address_is_not_flooded_with_links(visitor: Client, alice: Person) -> None:
    answers = [cast.browser().post("/compte/lien/", {"email": alice.email}).status_code for _ in range(4)]
    assert answers == [302, 302, 302, 429]
    assert len(mail.outbox) == 3


def test_what_is_no_address_is_said_beside_the_field(visitor: Client) -> None:
    assertContains(visitor.post("/compte/lien/", {"email": "alice at home"}), "wrong-because", status_code=422)


def test_a_mail_server_that_is_away_is_said_and_not_hidden(visitor: Client, alice: Person, settings: object) -> None:
    settings.EMAIL_BACKEND = "selfbilling.outgoing.Backend"  # type: ignore[attr-defined]
    settings.SMTP_HOST, settings.SMTP_PORT, settings.SMTP_SECURITY = "127.0.0.1", 9, "none"  # type: ignore[attr-defined]
    for path in ("/compte/lien/", "/compte/password/reset/"):
        assertContains(visitor.post(path, {"email": alice.email}), "Le message n’a pas pu partir", status_code=503)


def test_the_other_methods_are_refused(visitor: Client) -> None:
    for path in ("/compte/lien/", "/compte/lien/envoye/", "/compte/lien/x/"):
        assert visitor.delete(path).status_code == 405


# Passwords.


def test_a_forgotten_password_is_replaced_through_a_link(visitor: Client, alice: Person) -> None:
    assertRedirects(visitor.post("/compte/password/reset/", {"email": alice.email}), "/compte/password/reset/done/")
    [message] = mail.outbox
    assert message.subject == "Votre lien pour choisir un mot de passe"
    page = visitor.get(link_in(message), follow=True)
    where = page.redirect_chain[-1][0]
    new = "tuile abricot hameau"
    assert visitor.post(where, {"password1": new, "password2": new}).status_code == 302
    assert sign_in(visitor, alice.email, new) == 302
    assert is_in(visitor)
    assert mail.outbox[-1].subject == "Votre mot de passe a changé"


def test_a_reset_says_nothing_of_who_has_an_account(visitor: Client, alice: Person) -> None:
    for email in (alice.email, "nobody@example.org"):
        assertRedirects(visitor.post("/compte/password/reset/", {"email": email}), "/compte/password/reset/done/")


@pytest.mark.parametrize("password", ["short", "motdepasse1234"[:11], "password1234"])
def test_a_poor_password_is_refused_in_french(owner: Client, password: str) -> None:
    answer = owner.post("/compte/password/change/", {"oldpassword": cast.PASSWORD, "password1": password, "password2": password})
    assertContains(answer, "mot de passe", status_code=422)
    assert Person.objects.get().check_password(cast.PASSWORD)


# The account page.


def test_the_account_page_shows_who_one_is_and_for_whom(owner: Client) -> None:
    page = owner.get("/compte/")
    for said in ("alice@example.org", "Alice N’Guyen", "Épicerie de l’Étoile", "propriétaire", "Vérification en deux étapes"):
        assertContains(page, said)


def test_one_changes_ones_name(owner: Client) -> None:
    assertRedirects(owner.post("/compte/", {"name": "  Alice   Œuvrard "}), "/compte/")
    assert Person.objects.get().name == "Alice Œuvrard"


def test_a_name_that_is_too_long_stays_in_the_form(owner: Client) -> None:
    assertContains(owner.post("/compte/", {"name": "x" * 151}), "x" * 151, status_code=422)


def test_the_account_is_for_those_who_are_in(visitor: Client) -> None:
    assertRedirects(visitor.get("/compte/"), "/compte/login/?next=/compte/")
    assert visitor.delete("/compte/").status_code in (302, 405)


def test_somebody_without_relays_has_an_account_too(stranger: Client) -> None:
    assertNotContains(stranger.get("/compte/"), "Vos points relais")


def test_one_sees_where_one_is_signed_in_and_ends_the_others(alice: Person) -> None:
    here, there = cast.browser(), cast.browser()
    for browser in (here, there):
        sign_in(browser, alice.email)
    assertContains(here.get("/compte/sessions/"), "Se déconnecter partout ailleurs")
    here.post("/compte/sessions/")
    assert here.get("/compte/").status_code == 200
    assert there.get("/compte/").status_code == 302


def test_when_a_session_was_last_seen_is_written_every_ten_minutes(alice: Person) -> None:
    browser = cast.browser()
    sign_in(browser, alice.email)
    first = UserSession.objects.get().last_seen_at
    browser.get("/compte/")
    assert UserSession.objects.get().last_seen_at == first
    with time_machine.travel(timezone.now() + dt.timedelta(minutes=11)):
        browser.get("/compte/")
    assert UserSession.objects.get().last_seen_at > first


def test_staff_begin_at_their_desk(visitor: Client) -> None:
    clerk = cast.clerk()
    Person.objects.update(is_demo=True)
    Authenticator.objects.all().delete()
    answer = visitor.post("/compte/login/", {"login": clerk.email, "password": cast.PASSWORD})
    assert answer.headers["Location"] == "/admin/"


def test_pages_that_have_no_use_here_lead_to_the_account(owner: Client) -> None:
    assertRedirects(owner.get("/compte/email/"), "/compte/")


# The language.


def test_french_whatever_the_browser_asks_for_until_one_chooses() -> None:
    browser = cast.browser(language="en")
    assertContains(browser.get("/compte/login/"), "Se connecter")
    browser.post("/langue/", {"language": "en", "next": "/compte/login/"})
    page = browser.get("/compte/login/")
    assertContains(page, '<html lang="en">')
    assertContains(page, "Forgotten password?")
    browser.post("/langue/", {"language": "fr"})
    assertContains(browser.get("/compte/login/"), '<html lang="fr">')
