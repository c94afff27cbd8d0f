"""Staff have a second factor or go nowhere; shopkeepers may."""

import base64
import hmac
import re
import struct
import time

import pytest
from allauth.mfa.models import Authenticator
from django.core import mail
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver
from pytest_django.asserts import assertContains, assertNotContains, assertRedirects

from relays import people
from relays.models import Membership, Person, Role
from tests import cast, world

pytestmark = pytest.mark.django_db


@pytest.fixture
def bare() -> Person:
    """A clerk without a second factor, who has a shop too."""
    person = people.create_staff(email="claude@example.org", group="clerks")
    person.set_password(cast.PASSWORD)
    person.save()
    Membership.objects.create(person=person, relay=world.relay(), role=Role.OWNER)
    return person


def code_of(secret: str) -> str:
    """What an authenticator app shows now (RFC 6238)."""
    digest = hmac.digest(base64.b32decode(secret), struct.pack(">Q", int(time.time()) // 30), "sha1")
    start = digest[-1] & 15
    return f"{(struct.unpack('>I', digest[start : start + 4])[0] & 0x7FFFFFFF) % 1_000_000:06d}"


def paths() -> list[str]:
    """Each page of the site, with something in the place of what it is about."""
    found: list[str] = []

    def walk(entries: list[URLPattern | URLResolver], before: str) -> None:
        for entry in entries:
            here = before + re.sub(r"\(\?P<\w+>[^)]*\)|<[^>]+>", "1", str(entry.pattern)).strip("^$")
            if isinstance(entry, URLResolver):
                walk(entry.url_patterns, here)
            else:
                found.append("/" + here.replace("\\Z", "").replace("\\", ""))

    walk(get_resolver().url_patterns, "")
    return found


FREE = ("/compte/", "/langue/", "/aide/")


def test_nothing_but_ones_account_is_open_to_staff_without_it(bare: Person) -> None:
    browser = cast.browser(bare)
    closed = [path for path in paths() if not path.startswith(FREE)]
    assert len(closed) > 50
    for path in closed:
        for ask in (browser.get, browser.post):
            answer = ask(path)
            assert (answer.status_code, answer.headers.get("Location")) == (302, "/compte/2fa/"), path


def test_the_page_where_one_sets_it_up_says_why(bare: Person) -> None:
    page = cast.browser(bare).get("/", follow=True)
    assertContains(page, "Avant de continuer, activez la vérification en deux étapes.")
    assertContains(page, "les factures d’autres commerçants")


def test_a_printed_login_of_the_demonstration_is_let_off(bare: Person) -> None:
    Person.objects.update(is_demo=True)
    assert cast.browser(bare).get("/admin/").status_code == 200


def test_recovery_codes_alone_are_no_second_factor(bare: Person) -> None:
    Authenticator.objects.create(user=bare, type=Authenticator.Type.RECOVERY_CODES, data={"seed": "x", "used_mask": 0})
    assert cast.browser(bare).get("/admin/").status_code == 302


def test_a_shopkeeper_is_offered_it_and_never_made_to(owner: Client) -> None:
    assert owner.get("/").status_code == 200
    assertContains(owner.get("/compte/"), "/compte/2fa/totp/activate/")
    assertNotContains(owner.get("/compte/2fa/"), "Avant de continuer")


def set_up(browser: Client) -> None:
    """Set up an app."""
    page = browser.get("/compte/2fa/totp/activate/")
    [secret] = re.findall(r'<code class="secret">(\w+)</code>', page.content.decode())
    assertContains(page, 'src="data:image/svg+xml')
    assertContains(browser.post("/compte/2fa/totp/activate/", {"code": "000000"}), "Ce n’est pas le bon code", status_code=422)
    assertRedirects(browser.post("/compte/2fa/totp/activate/", {"code": code_of(secret)}), "/compte/2fa/recovery-codes/")


def test_a_clerk_sets_up_an_app_and_is_asked_for_its_code_from_then_on(bare: Person) -> None:
    browser = cast.browser()
    browser.post("/compte/login/", {"login": bare.email, "password": cast.PASSWORD})
    set_up(browser)
    assert browser.get("/admin/").status_code == 200
    assertContains(browser.get("/compte/2fa/recovery-codes/"), "Chacun sert une fois")

    again = cast.browser()
    answer = again.post("/compte/login/", {"login": bare.email, "password": cast.PASSWORD})
    assertRedirects(answer, "/compte/2fa/authenticate/")
    assert again.get("/admin/").status_code == 302
    assertContains(again.post("/compte/2fa/authenticate/", {"code": "000000"}), "Ce n’est pas le bon code", status_code=422)
    again.post("/compte/2fa/authenticate/", {"code": recovery_code(browser)})
    assert again.get("/admin/").status_code == 200


def test_somebody_at_a_screen_left_open_shows_first_who_they_are(owner: Client) -> None:
    page = owner.get("/compte/2fa/totp/activate/", follow=True)
    assertContains(page, "C’est bien vous")
    where = page.redirect_chain[-1][0]
    assertContains(owner.post(where, {"password": "wrong"}), "Ce n’est pas votre mot de passe.", status_code=422)
    assertRedirects(owner.post(where, {"password": cast.PASSWORD}), "/compte/2fa/totp/activate/")


def recovery_code(browser: Client) -> str:
    found: list[str] = re.findall(r"<li><code>(\w+)</code></li>", browser.get("/compte/2fa/recovery-codes/").content.decode())
    return found[0]


def test_a_clerk_who_stops_using_it_is_told_and_goes_nowhere_again(bare: Person) -> None:
    browser = cast.browser()
    browser.post("/compte/login/", {"login": bare.email, "password": cast.PASSWORD})
    set_up(browser)
    browser.post("/compte/2fa/totp/deactivate/")
    assert not Authenticator.objects.filter(type="totp").exists()
    assertRedirects(browser.get("/admin/"), "/compte/2fa/")
    [message] = mail.outbox
    assert message.subject == "Application retirée de votre compte"
    assert "Ce n’était pas vous" in message.body


def test_a_shopkeeper_with_an_app_is_asked_too(owner: Client) -> None:
    person = cast.with_second_factor(Person.objects.get())
    browser = cast.browser()
    assertRedirects(browser.post("/compte/login/", {"login": person.email, "password": cast.PASSWORD}), "/compte/2fa/authenticate/")


def test_the_printed_link_of_create_staff_leads_to_a_password_and_no_further(bare: Person) -> None:
    identifier, token = people.password_link_path(bare)
    browser = cast.browser()
    page = browser.get(f"/mot-de-passe/{identifier}/{token}/", follow=True)
    assertContains(page, "Choisir un mot de passe")
    where = page.redirect_chain[-1][0]
    new = "tuile abricot hameau"
    assert browser.post(where, {"new_password1": "x", "new_password2": "x"}).status_code in (200, 422)
    assertContains(browser.post(where, {"new_password1": new, "new_password2": new}, follow=True), "vérification en deux étapes")
    assertContains(cast.browser().get(f"/mot-de-passe/{identifier}/{token}/"), "Ce lien ne fonctionne plus")
    browser.post("/compte/login/", {"login": bare.email, "password": new})
    assertRedirects(browser.get("/admin/"), "/compte/2fa/")
