"""A clerk decides on mandates: never their own entry, never two on one day; and the queue where they do."""

import datetime as dt

import pytest
from django.test import Client
from pytest_django.asserts import assertContains, assertNotContains, assertRedirects

from relays import approving
from relays.models import Mandate, MandateText, Person, Relay
from selfbilling.models import JournalEntry
from tests import cast, world

pytestmark = pytest.mark.django_db
QUEUE = "/admin/relays/mandate/a-approuver/"


def waits(relay: Relay, *, by: Person | None = None, valid_from: dt.date = dt.date(2026, 10, 1)) -> Mandate:
    """A mandate that waits for a clerk."""
    text, _ = MandateText.objects.get_or_create(version="2026-1", defaults={"contest_days": 30})
    return Mandate.objects.create(relay=relay, text=text, signed_on=valid_from, valid_from=valid_from, channel="paper", entered_by=by)


@pytest.fixture
def relay() -> Relay:
    return world.relay(mandate=None)


def test_an_approved_mandate_is_one_and_the_journal_says_who(relay: Relay) -> None:
    mandate = waits(relay)
    approving.approve(mandate_id=mandate.pk, by=cast.clerk())
    mandate.refresh_from_db()
    assert (mandate.state, mandate.decided_by) == (Mandate.State.APPROVED, cast.clerk())
    entry = JournalEntry.objects.get(act="mandate approved")
    assert (entry.subject, entry.by) == ("relay:R0001", cast.clerk())
    assert entry.detail["before"] == {"state": "consented"}


def test_nobody_decides_on_their_own_entry(relay: Relay) -> None:
    mandate = waits(relay, by=cast.clerk())
    with pytest.raises(approving.SamePerson):
        approving.approve(mandate_id=mandate.pk, by=cast.clerk())
    with pytest.raises(approving.SamePerson):
        approving.reject(mandate_id=mandate.pk, reason="x", by=cast.clerk())
    mandate.refresh_from_db()
    assert mandate.state == Mandate.State.CONSENTED


def test_what_is_decided_stays_decided(relay: Relay) -> None:
    mandate = waits(relay)
    approving.reject(mandate_id=mandate.pk, reason="signature illisible", by=cast.clerk())
    with pytest.raises(approving.AlreadyDecided):
        approving.approve(mandate_id=mandate.pk, by=cast.clerk())


def test_two_mandates_on_one_day_are_refused_and_the_first_stays(relay: Relay) -> None:
    world.give_mandate(relay, dt.date(2026, 1, 1))
    mandate = waits(relay)
    with pytest.raises(approving.Overlapping):
        approving.approve(mandate_id=mandate.pk, by=cast.clerk())
    assert Mandate.objects.filter(state=Mandate.State.APPROVED).count() == 1
    assert not JournalEntry.objects.filter(act="mandate approved").exists()


def test_a_rejection_says_why(relay: Relay) -> None:
    with pytest.raises(approving.NoReason):
        approving.reject(mandate_id=waits(relay).pk, reason="  ", by=cast.clerk())


def test_many_at_once_the_others_with_their_reason(relay: Relay) -> None:
    other = world.relay("R0002", shop=1, mandate=None)
    mine = waits(relay, by=cast.clerk())
    decided = approving.approve_each(mandate_ids=[mine.pk, waits(other).pk], by=cast.clerk())
    assert [mandate.relay for mandate in decided.approved] == [other]
    assert [mandate for mandate, _ in decided.refused] == [mine]


def test_the_queue_shows_what_to_check_and_approves_the_ticked_ones(clerk: Client, relay: Relay) -> None:
    second = world.relay("R0002", shop=1, mandate=None, city="", legal_name="N’Guyen & Œuvre")
    first_mandate, second_mandate = waits(relay), waits(second)
    page = clerk.get(QUEUE)
    assertContains(page, "Épicerie de l’Étoile")
    assertContains(page, "28724467700848 ✓")
    assertContains(page, "Il manque")
    assertContains(page, "city")
    assertRedirects(clerk.post(QUEUE, {"mandate": [first_mandate.pk]}), QUEUE, fetch_redirect_response=False)
    assert set(Mandate.objects.filter(state="approved")) == {first_mandate}
    assertContains(clerk.get(QUEUE), "1 mandat approuvé")
    assert Mandate.objects.get(pk=second_mandate.pk).state == "consented"


def test_one_s_own_entry_cannot_be_ticked(clerk: Client, relay: Relay) -> None:
    mandate = waits(relay, by=cast.clerk())
    page = clerk.get(QUEUE)
    assertContains(page, "la vôtre")
    assertNotContains(page, f'value="{mandate.pk}"')
    clerk.post(QUEUE, {"mandate": [mandate.pk]})
    assert Mandate.objects.get().state == "consented"


def test_a_wrong_vat_number_is_seen(clerk: Client) -> None:
    waits(world.relay(mandate=None, vat_number="FR00287244677"))
    assertContains(clerk.get(QUEUE), "FR00287244677 ✗")


def test_rejecting_asks_why(clerk: Client, relay: Relay) -> None:
    mandate = waits(relay)
    address = f"/admin/relays/mandate/{mandate.pk}/refuser/"
    assertContains(clerk.get(address), "Refuser le mandat de R0001")
    assertContains(clerk.post(address, {"reason": ""}), "Dites pourquoi", status_code=422)
    assertRedirects(clerk.post(address, {"reason": "signature illisible"}), QUEUE, fetch_redirect_response=False)
    assert Mandate.objects.get().reason == "signature illisible"
    assertContains(clerk.post(address, {"reason": "encore"}), "déjà", status_code=409)


def test_an_empty_queue_and_an_empty_search_say_so(clerk: Client, relay: Relay) -> None:
    assertContains(clerk.get(QUEUE), "Aucun mandat n’attend")
    waits(relay)
    assertContains(clerk.get(QUEUE, {"q": "personne"}), "Aucun mandat à approuver ne correspond")
    assertContains(clerk.get(QUEUE, {"q": "étoile"}), "R0001")


def test_only_clerks_come_in(owner: Client, manager: Client, support: Client, visitor: Client) -> None:
    mandate = waits(world.relay("R0009", shop=2, mandate=None))
    for address in (QUEUE, f"/admin/relays/mandate/{mandate.pk}/refuser/"):
        assert manager.get(address).status_code == 403
        assert support.post(address, {"mandate": [mandate.pk], "reason": "x"}).status_code == 403
        assert owner.get(address).status_code in {302, 403}
        assert visitor.get(address).status_code == 302
    assert Mandate.objects.get(relay__code="R0009").state == "consented"


def test_the_queue_takes_the_same_queries_for_one_and_for_many(clerk: Client, django_assert_max_num_queries: object) -> None:
    for index in range(12):
        waits(world.relay(f"R1{index:03d}", mandate=None, siret="28724467700848"))
    with django_assert_max_num_queries(16):  # type: ignore[operator]
        clerk.get(QUEUE)
