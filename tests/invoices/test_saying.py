"""How an invoice stands, in the words that its shopkeeper reads."""

import datetime as dt
from decimal import Decimal

import pytest
from django.utils import timezone

from invoices import saying
from invoices.models import Acceptance, Delivery, Dispute, Invoice, Payment
from invoices.period import PARIS
from tests import cast, world

pytestmark = pytest.mark.django_db

DAY = dt.date(2026, 11, 10)
DECEMBER_3 = dt.date(2026, 12, 3)


def told(invoice: Invoice) -> saying.Told:
    (one,) = saying.told(Invoice.objects.filter(pk=invoice.pk))
    return one


def said(invoice: Invoice, on: dt.date = DAY) -> str:
    return told(invoice).state(on).sentence.replace("\u00a0", " ").replace("\u202f", " ")


def to_pay(invoice: Invoice, on: dt.date = DAY) -> str:
    return told(invoice).payment(on).sentence.replace("\u00a0", " ").replace("\u202f", " ")


def sent(invoice: Invoice, on: dt.date) -> Delivery:
    return Delivery.objects.create(
        invoice=invoice,
        channel="email",
        state="sent",
        transport="smtp",
        address="shop@example.org",
        message_id=f"<{on}@x>",
        sent_at=dt.datetime(on.year, on.month, on.day, 9, 5, tzinfo=PARIS),
    )


def paid(invoice: Invoice, amount: str, *, day: int = 2) -> None:
    Payment.objects.create(invoice=invoice, paid_on=dt.date(2026, 12, day), amount=Decimal(amount))


def disputed(invoice: Invoice, state: str) -> None:
    decided = {"decided_by": cast.support(), "decided_at": timezone.now()} if state in {"granted", "refused"} else {}
    Dispute.objects.create(invoice=invoice, opened_by=cast.owner(), answer_by=dt.date(2026, 11, 12), state=state, **decided)


def test_it_is_contestable_until_the_day_that_is_printed(invoice: Invoice) -> None:
    assert said(invoice) == "Contestable jusqu’au 2 décembre"
    sent(invoice, dt.date(2026, 11, 2))
    assert said(invoice, dt.date(2026, 12, 2)) == "Contestable jusqu’au 2 décembre"
    assert said(invoice, DECEMBER_3) == "Délai pour contester terminé le 2 décembre"


def test_the_delay_counts_from_the_handing_over_if_that_is_later(invoice: Invoice) -> None:
    sent(invoice, dt.date(2026, 11, 5))
    assert said(invoice, dt.date(2026, 12, 5)) == "Contestable jusqu’au 5 décembre"
    assert not told(invoice).may_be_contested(dt.date(2026, 12, 6))


def test_nothing_runs_out_before_it_was_handed_over(invoice: Invoice) -> None:
    assert told(invoice).may_be_contested(DECEMBER_3)
    assert said(invoice, DECEMBER_3) == "Émise le 2 novembre"


def test_without_a_delay_in_the_mandate_it_is_issued_then_sent_and_stays_contestable() -> None:
    shop = world.relay(mandate=None)
    world.give_mandate(shop, dt.date(2025, 12, 1), contest_days=None)
    world.tariff()
    world.did(shop, 10)
    world.billed_approved_and_issued()
    invoice = Invoice.objects.get()
    assert said(invoice) == "Émise le 2 novembre"
    sent(invoice, dt.date(2026, 11, 3))
    assert said(invoice) == "Envoyée le 3 novembre"
    assert told(invoice).may_be_contested(dt.date(2027, 12, 31))


def test_a_year_is_said_where_it_is_not_this_one(invoice: Invoice) -> None:
    Acceptance.objects.create(invoice=invoice, accepted_on=DECEMBER_3)
    assert said(invoice, DECEMBER_3) == "Acceptée le 3 décembre"
    assert said(invoice, dt.date(2027, 1, 5)) == "Acceptée le 3 décembre 2026"


def test_paid_goes_before_accepted_and_part_of_it_is_said(invoice: Invoice) -> None:
    Acceptance.objects.create(invoice=invoice, accepted_on=DECEMBER_3)
    paid(invoice, "40.00")
    assert said(invoice) == to_pay(invoice) == "Payée en partie : 40,00 € sur 46,20 €"
    assert not told(invoice).is_paid
    paid(invoice, "6.20", day=4)
    assert said(invoice) == to_pay(invoice) == "Payée le 4 décembre"
    assert told(invoice).state(DAY).tone == "good"


@pytest.mark.parametrize(
    ("state", "on", "sentence"),
    [
        ("open", DAY, "Contestée : nous vous répondons au plus tard le 12 novembre"),
        ("open", dt.date(2026, 11, 13), "Contestée : notre réponse était promise pour le 12 novembre"),
        ("asked", DAY, "Contestée : nous attendons votre réponse"),
        ("granted", DAY, "Contestée : vous avez raison, elle est à rectifier"),
        ("refused", DAY, "Contestable jusqu’au 2 décembre"),
    ],
)
def test_a_contest_goes_before_all_else(invoice: Invoice, state: str, on: dt.date, sentence: str) -> None:
    disputed(invoice, state)
    assert said(invoice, on) == sentence
    assert told(invoice).may_be_contested(on) == (state == "refused")


def test_a_contest_goes_before_the_payment_but_does_not_hide_it(invoice: Invoice) -> None:
    disputed(invoice, "open")
    paid(invoice, "46.20")
    assert said(invoice).startswith("Contestée")
    assert to_pay(invoice) == "Payée le 2 décembre"


def test_when_it_is_paid(invoice: Invoice) -> None:
    assert to_pay(invoice) == "Virement le 2 décembre"
    assert to_pay(invoice, DECEMBER_3) == "Paiement prévu le 2 décembre, pas encore enregistré"


def test_nobody_promises_a_transfer_to_an_account_that_we_do_not_know() -> None:
    assert to_pay(world.an_invoice(iban="")) == "Paiement le 2 décembre"


def test_there_is_nothing_to_pay_of_nothing() -> None:
    world.tariff("LIV", (0, "0"))
    assert to_pay(world.an_invoice()) == "Rien à verser"


def test_all_are_told_in_one_query(invoice: Invoice, django_assert_num_queries: object) -> None:
    paid(invoice, "1")
    sent(invoice, dt.date(2026, 11, 3))
    disputed(invoice, "open")
    with django_assert_num_queries(1):  # type: ignore[operator]
        (one,) = saying.told(Invoice.objects.all())
        one.state(DAY)
        one.payment(DAY)


def test_each_handing_over_is_a_sentence(invoice: Invoice) -> None:
    delivery = sent(invoice, dt.date(2026, 11, 3))
    sentences = {}
    for state in Delivery.State:
        delivery.state = state
        sentences[state.value] = saying.handed_over(delivery).replace("\u00a0", " ").replace("\u202f", " ")
    assert sentences == {
        "sent": "Envoyée par e-mail à shop@example.org le 3 novembre 2026 à 9 h 05.",
        "handing_over": "Envoi par e-mail à shop@example.org en cours.",
        "refused": "L’e-mail à shop@example.org n’est pas arrivé : la facture part par courrier.",
        "given_up": "L’e-mail à shop@example.org est resté sans réponse le 3 novembre 2026 à 9 h 05 : nous l’avons renvoyé.",
    }
    delivery.channel = "paper"
    assert saying.handed_over(delivery) == "En route vers l’imprimeur."
    delivery.state = "sent"
    assert saying.handed_over(delivery).startswith("Remise à l’impression et à la poste le 3")
