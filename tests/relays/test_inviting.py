"""Invited by one message with one link; in by one page."""

import datetime as dt
import hashlib
import re

import pytest
import time_machine
from allauth.account.models import EmailAddress
from django.core import mail
from django.test import Client
from django.utils import timezone
from pytest_django.asserts import assertContains, assertNotContains, assertRedirects

from relays import inviting
from relays.letters import MailServerAway
from relays.models import Invitation, Membership, Person, Relay, Role
from selfbilling.models import JournalEntry
from tests import cast, world

pytestmark = pytest.mark.django_db
WORDS = {"name": "Alice N’Guyen", "password": "tuile abricot hameau"}


@pytest.fixture
def shop() -> Relay:
    return world.relay(legal_name="Société d’exploitation de l’épicerie fine Au Cœur des Halles")


def invited(shop: Relay, email: str = "alice@example.org", role: str = Role.OWNER) -> str:
    """Invite; returns the path in the message."""
    inviting.invite(relay=shop, email=email, role=role, by=cast.clerk())
    [path] = re.findall(r"https?://[^/\s]+(/invitation/\S+)", str(mail.outbox[-1].body))
    return str(path)


def acts() -> list[str]:
    return list(JournalEntry.objects.filter(subject="relay:R0001").order_by("pk").values_list("act", flat=True))


def test_the_message_says_who_for_which_shop_and_until_when(shop: Relay) -> None:
    path = invited(shop)
    [message] = mail.outbox
    assert message.subject == "Les factures de Société d’exploitation de l’épicerie fine Au Cœur des Halles : votre accès"
    assert "Réseau Relais SAS vous invite" in message.body
    assert message.to == ["alice@example.org"]
    [(html, _)] = message.alternatives  # type: ignore[attr-defined]
    assert path in html


def test_the_secret_itself_is_nowhere_in_the_database(shop: Relay) -> None:
    secret = invited(shop).split("/")[2]
    assert len(secret) >= 43  # 256 bits
    invitation = Invitation.objects.get()
    assert invitation.secret_sha256 == hashlib.sha256(secret.encode()).hexdigest()
    assert secret not in str(list(Invitation.objects.values())) + str(list(JournalEntry.objects.values()))


def test_one_page_and_the_owner_is_in(shop: Relay, visitor: Client) -> None:
    path = invited(shop)
    page = visitor.get(path)
    for said in ("Au Cœur des Halles", "Réseau Relais SAS", "Claude Lefèvre", "alice@example.org"):
        assertContains(page, said)
    assertRedirects(visitor.post(path, WORDS), "/", fetch_redirect_response=False)
    person = Person.objects.get(email="alice@example.org")
    assert person.check_password(WORDS["password"])
    assert Membership.objects.get(relay=shop).role == Role.OWNER
    assert int(visitor.session["_auth_user_id"]) == person.pk
    assert EmailAddress.objects.filter(user=person, email="alice@example.org", verified=True, primary=True).exists()
    assert acts() == ["invited", "invitation accepted"]


def test_looking_changes_nothing(shop: Relay, visitor: Client) -> None:
    path = invited(shop)
    for _ in range(3):
        visitor.get(path)
        visitor.head(path)
    assert not Membership.objects.exists()
    assert visitor.post(path, WORDS).status_code == 302


def test_a_poor_password_is_said_beside_its_field_and_the_name_stays(shop: Relay, visitor: Client) -> None:
    answer = visitor.post(invited(shop), {"name": "Alice N’Guyen", "password": "court"})
    assertContains(answer, "Alice N’Guyen", status_code=422)
    assertContains(answer, "au minimum 12 caractères", status_code=422)
    assert not Person.objects.filter(email="alice@example.org").exists()


def test_it_is_accepted_once(shop: Relay, visitor: Client) -> None:
    path = invited(shop)
    visitor.post(path, WORDS)
    other = cast.browser()
    assertContains(other.get(path), "Elle a déjà servi", status_code=410)
    assertContains(other.post(path, WORDS), "Elle a déjà servi", status_code=409)


def test_after_fourteen_days_a_page_says_what_to_do(shop: Relay, visitor: Client) -> None:
    path = invited(shop)
    with time_machine.travel(timezone.now() + dt.timedelta(days=13, hours=23)):
        assert visitor.get(path).status_code == 200
    with time_machine.travel(timezone.now() + dt.timedelta(days=14, minutes=1)):
        assertContains(visitor.get(path), "Écrivez-nous ou appelez", status_code=410)
        assert visitor.post(path, WORDS).status_code == 409
    assert not Membership.objects.exists()


def test_a_secret_that_somebody_made_up_is_no_page(visitor: Client, shop: Relay) -> None:
    invited(shop)
    assert visitor.get("/invitation/abc/").status_code == 404
    assert visitor.post("/invitation/abc/", WORDS).status_code == 404


def test_the_other_methods_are_refused(visitor: Client) -> None:
    assert visitor.delete("/invitation/abc/").status_code == 405


def test_an_address_that_has_an_account_proves_it_first(shop: Relay, visitor: Client) -> None:
    alice = cast.person("alice@example.org")
    path = invited(shop, "Alice@Example.org")
    assertContains(visitor.get(path), "Vous avez déjà un compte")
    assert visitor.post(path, WORDS).status_code == 409
    assert not Membership.objects.exists()
    assert alice.check_password(cast.PASSWORD)
    answer = visitor.post(f"/compte/login/?next={path}", {"login": "alice@example.org", "password": cast.PASSWORD, "next": path})
    assertRedirects(answer, path)
    assertContains(visitor.get(path), "Accepter avec ce compte")
    visitor.post(path)
    assert Membership.objects.get().person == alice


def test_who_is_signed_in_under_another_address_may_accept_with_it(shop: Relay) -> None:
    other = cast.stranger()
    browser = cast.browser(other)
    path = invited(shop)
    assertContains(browser.get(path), "Utiliser un autre compte")
    browser.post(path)
    assert Membership.objects.get().person == other
    assert not EmailAddress.objects.filter(user=other).exists()  # the invited address is not theirs


def test_an_employee_who_is_invited_as_owner_becomes_owner(shop: Relay) -> None:
    bob = cast.employee(shop)
    path = invited(shop, bob.email)
    cast.browser(bob).post(path)
    assert Membership.objects.get().role == Role.OWNER
    assert JournalEntry.objects.get(act="invitation accepted").detail == {"person": bob.pk, "before": "employee", "after": "owner"}


def test_whoever_is_in_or_asked_is_not_invited_again(shop: Relay) -> None:
    owner = cast.owner(shop)
    with pytest.raises(inviting.AlreadyIn):
        inviting.invite(relay=shop, email="ALICE@example.org", role=Role.OWNER, by=None)
    invited(shop, "bob@example.org")
    with pytest.raises(inviting.AlreadyInvited):
        inviting.invite(relay=shop, email="Bob@example.org", role=Role.EMPLOYEE, by=owner)
    assert len(mail.outbox) == 1


def test_an_expired_invitation_makes_room_for_another(shop: Relay) -> None:
    old = invited(shop)
    with time_machine.travel(timezone.now() + dt.timedelta(days=15)):
        new = invited(shop)
        assert cast.browser().get(old).status_code == 410
        assert cast.browser().get(new).status_code == 200


def test_a_withdrawn_invitation_is_dead(shop: Relay, visitor: Client) -> None:
    path = invited(shop)
    inviting.withdraw(invitation_id=Invitation.objects.get().pk, by=None)
    assertContains(visitor.get(path), "Elle a été retirée", status_code=410)
    assert acts() == ["invited", "invitation withdrawn"]


def test_where_the_mail_server_is_away_nothing_stays_open(shop: Relay, settings: object) -> None:
    settings.EMAIL_BACKEND = "selfbilling.outgoing.Backend"  # type: ignore[attr-defined]
    settings.SMTP_HOST, settings.SMTP_PORT, settings.SMTP_SECURITY = "127.0.0.1", 9, "none"  # type: ignore[attr-defined]
    with pytest.raises(MailServerAway):
        inviting.invite_relay(relay=shop, by=None)
    assert Invitation.objects.get().withdrawn_at is not None


# The admin.


def test_a_clerk_invites_many_one_message_each(clerk: Client) -> None:
    first, second, third = world.relay("R0001"), world.relay("R0002", shop=1, email=""), world.relay("R0003", shop=2)
    cast.acts_for(cast.person("r0003@example.org"), third, role=Role.OWNER)
    chosen = {"action": "invite", "_selected_action": [first.pk, second.pk, third.pk]}
    page = clerk.post("/admin/relays/relay/", chosen, follow=True)
    assertContains(page, "1 invitation envoyée.")
    assertContains(page, "2 points relais laissés de côté")
    assert [message.to for message in mail.outbox] == [["r0001@example.org"]]


def test_a_clerk_invites_one_and_takes_it_back(shop: Relay, clerk: Client) -> None:
    page = f"/admin/relays/relay/{shop.pk}/personnes/"
    assertContains(clerk.get(page), "Personne pour l’instant.")
    assertContains(clerk.get(f"/admin/relays/relay/{shop.pk}/change/"), page)
    assertRedirects(clerk.post(page, {"email": "chloe@example.org", "role": "accountant"}), page)
    assertContains(clerk.get(page), "chloe@example.org")
    assertContains(clerk.post(page, {"email": "chloe@example.org", "role": "owner"}), "déjà invité", status_code=409)
    assertContains(clerk.post(page, {"email": "chloe", "role": "owner"}), 'value="chloe"', status_code=422)
    invitation = Invitation.objects.get()
    assert clerk.get(f"{page}{invitation.pk}/retirer/").status_code == 405
    assertRedirects(clerk.post(f"{page}{invitation.pk}/retirer/"), page)
    assertNotContains(clerk.get(page), "Invitations en cours")


def test_only_clerks_invite(shop: Relay, support: Client, manager: Client, owner: Client, visitor: Client) -> None:
    page = f"/admin/relays/relay/{shop.pk}/personnes/"
    for browser in (support, manager):
        assert browser.get(page).status_code == 403
        assert browser.post(page, {"email": "x@example.org", "role": "owner"}).status_code == 403
        assertNotContains(browser.get("/admin/relays/relay/"), "Inviter leurs propriétaires")
    for browser in (owner, visitor):
        assert browser.post(page, {"email": "x@example.org", "role": "owner"}).status_code == 302
    assert not mail.outbox
