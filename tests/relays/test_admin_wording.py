"""The words of a mandate signed on paper: entered once by a clerk, with their delay; issued invoices keep theirs."""

import pytest
from django.db import ProgrammingError, transaction
from django.test import Client
from pytest_django.asserts import assertContains, assertRedirects

from relays import wording
from relays.models import MandateText
from selfbilling.models import JournalEntry
from tests import cast

pytestmark = pytest.mark.django_db
LIST = "/admin/relays/mandatetext/"


@pytest.fixture
def text() -> MandateText:
    return MandateText.objects.create(version="2025-1", on_paper=True, contest_days=30)


def page_of(text: MandateText) -> str:
    return f"{LIST}{text.pk}/texte/"


def test_a_clerk_enters_it_once(clerk: Client, text: MandateText) -> None:
    assertContains(clerk.get(LIST), page_of(text))
    assertContains(clerk.get(LIST), "<h1>Versions du mandat</h1>")
    assertContains(clerk.get(page_of(text)), 'value="30"')
    answer = clerk.post(page_of(text), {"body": "Le mandant <confie>…  \r\nArticle 2", "contest_days": "15"})
    assertRedirects(answer, LIST, fetch_redirect_response=False)
    text.refresh_from_db()
    assert (text.body, text.contest_days) == ("Le mandant <confie>…\nArticle 2", 15)
    entry = JournalEntry.objects.get(act="mandate text entered")
    assert (entry.subject, entry.by, entry.detail["before"]) == (
        "mandate text:2025-1",
        cast.clerk(),
        {"contest_days": 30, "body": ""},
    )
    assert entry.detail["after"]["contest_days"] == 15
    again = clerk.post(page_of(text), {"body": "Autre chose", "contest_days": "1"})
    assertContains(again, "déjà saisi", status_code=409)
    assertContains(again, "&lt;confie&gt;", status_code=409)
    text.refresh_from_db()
    assert text.contest_days == 15


def test_the_database_keeps_it_as_it_was_signed(text: MandateText) -> None:
    wording.enter(text_id=text.pk, body="Le mandant…", contest_days=30, by=cast.clerk())
    for change in ({"body": ""}, {"contest_days": 1}, {"version": "2025-2"}):
        with pytest.raises(ProgrammingError, match="neither changed nor deleted"), transaction.atomic():
            MandateText.objects.update(**change)
    with pytest.raises(ProgrammingError, match="neither changed nor deleted"), transaction.atomic():
        MandateText.objects.all().delete()
    assert MandateText.objects.get() == text


def test_without_a_delay_silence_never_accepts(clerk: Client, text: MandateText) -> None:
    clerk.post(page_of(text), {"body": "Le mandant…", "contest_days": ""})
    text.refresh_from_db()
    assert text.contest_days is None
    assertContains(clerk.get(page_of(text)), "le silence ne vaut jamais accord")


def test_nothing_and_nonsense_are_said_and_kept(clerk: Client, text: MandateText) -> None:
    answer = clerk.post(page_of(text), {"body": " ", "contest_days": "0"})
    assertContains(answer, "Saisissez d’abord le texte", status_code=422)
    assertContains(answer, 'value="0"', status_code=422)
    with pytest.raises(wording.NoWords):
        wording.enter(text_id=text.pk, body=" ", contest_days=30, by=cast.clerk())


def test_only_clerks_and_only_what_is_there(
    clerk: Client, text: MandateText, manager: Client, support: Client, owner: Client, visitor: Client
) -> None:
    for browser in (manager, support):
        assert browser.post(page_of(text), {"body": "x"}).status_code == 403
    assert owner.get(page_of(text)).status_code in {302, 403}
    assert visitor.get(page_of(text)).status_code == 302
    assert clerk.delete(page_of(text)).status_code == 405
    assert clerk.get(f"{LIST}999999/texte/").status_code == 404
    text.refresh_from_db()
    assert text.body == ""
