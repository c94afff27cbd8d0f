"""The admin is French down to each column and field: what it shows in English reads otherwise in French, or is a word of both."""

import datetime as dt
from collections.abc import Iterator
from typing import Any

import pytest
from django.apps import apps
from django.contrib import admin
from django.db import models
from django.test import Client
from django.urls import reverse
from django.utils import timezone, translation
from lxml import html

from invoices.models import Delivery, Held, Hold, PaperBatch, SealCertificate, TimestampAuthority
from relays.models import Person
from tests import cast, world

FLOORS = ("selfbilling", "relays", "invoices")
OF_BOTH = {
    *("action", "code", "date", "description", "e-mail", "groups", "iban", "message", "message-id", "pdf", "service", "sha-256"),
    *("franchise en base (cgi art. 293 b)", "logo", "siret", "smtp", "source", "total", "transport", "type", "un/ece rec 20", "version"),
}
"""Words, names and numbers that are the same in both languages."""
WHAT_IT_SAYS = " | ".join(
    (
        "//h1",  # of the page
        "//table//thead//th",  # columns
        "//*[@id='changelist-filter']//summary",  # filters, and what each offers
        "//*[@id='changelist-filter']//li",
        "//select[@name='action']/option",
        "//*[contains(@class, 'form-row')]//label",
        "//*[contains(@class, 'help')]/div",
        "//img[contains(@class, 'help')]/@title",
        "//h2[contains(@class, 'inline-heading')]",
        "//ul[@class='object-tools']//a",
        "//form//select[not(@name='action' or @name='permissions')]/option",  # permissions are rows, named as they were made
    )
)


def ours() -> list[type[models.Model]]:
    return [model for floor in FLOORS for model in apps.get_app_config(floor).get_models()]


def words(model: type[models.Model]) -> Iterator[tuple[str, str]]:
    """What a model says of itself in the language of the moment: where, and what."""
    for field in model._meta.concrete_fields:
        if isinstance(field, models.AutoField):
            continue
        where = f"{model.__name__}.{field.name}"
        yield where, str(field.verbose_name)
        yield f"{where}, its help", str(field.help_text)
        yield from ((f"{where}: {value}", str(label)) for value, label in field.flatchoices)


def same(english: str, french: str) -> bool:
    return english == french and any(letter.isalpha() for letter in english) and english.strip(" :").casefold() not in OF_BOTH


@pytest.mark.parametrize("model", ours(), ids=lambda model: model.__name__)
def test_each_field_has_a_french_name(model: type[models.Model]) -> None:
    with translation.override("en"):
        english = list(words(model))
    with translation.override("fr"):
        french = dict(words(model))
    assert [f"{where}: {text}" for where, text in english if same(text, french[where])] == []


@pytest.fixture
def boss(db: None) -> Client:
    """A superuser, where each list of the admin has a row."""
    person = Person.objects.create_superuser("boss@example.org", cast.PASSWORD, name="Inès Boss")
    invoice = world.an_invoice()
    world.adjusted(invoice.relay, "-3.00")
    world.sealed_and_archived()
    Hold.objects.create(relay=invoice.relay, period=world.OCTOBER.first, why="12 + 12", by=person)
    Held.objects.create(relay=invoice.relay, run=invoice.run, reason=Held.Reason.ANOMALY, detail="12 + 12")
    SealCertificate.objects.create(sha256="0" * 64, name="12 + 12", ends=timezone.now(), announced=7)
    TimestampAuthority.objects.create(name="12 + 12")
    PaperBatch.objects.create(period=dt.date(2026, 10, 1), number=1)
    Delivery.objects.create(
        invoice=invoice, channel="email", state="sent", transport="smtp", address="a@example.org", message_id="1", sent_at=timezone.now()
    )
    return cast.browser(cast.with_second_factor(person))


def pages() -> Iterator[str]:
    """Each list of ours in the admin, one row of it, and the form to add one where there is one."""
    for model, shown in admin.site._registry.items():
        name = f"admin:{model._meta.app_label}_{model._meta.model_name}"
        yield reverse(f"{name}_changelist")
        row = model._default_manager.order_by("pk").first()
        assert row is not None, f"{name} has no row"
        yield reverse(f"{name}_change", args=[row.pk])
        if shown.has_add_permission.__func__ is admin.ModelAdmin.has_add_permission:  # type: ignore[attr-defined]
            yield reverse(f"{name}_add")


def said(browser: Client, address: str, language: str) -> list[str]:
    browser.cookies["django_language"] = language
    answer = browser.get(address)
    assert answer.status_code == 200
    found: Any = html.fromstring(answer.content.decode()).xpath(WHAT_IT_SAYS)
    return [" ".join((one if isinstance(one, str) else one.text_content()).split()) for one in found]


def test_no_page_of_the_admin_shows_an_english_name(boss: Client) -> None:
    left = []
    for address in pages():
        english, french = said(boss, address, "en"), said(boss, address, "fr")
        assert english
        assert len(english) == len(french)
        left += [f"{address}: {text}" for text, other in zip(english, french, strict=True) if same(text, other)]
    assert left == []
