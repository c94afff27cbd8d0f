"""The copy of a mandate: what it says, in which look, and that the same rows give the same bytes."""

import datetime as dt
import io
import subprocess

import pikepdf
import pytest

from relays import approving, copying, filing
from relays.models import Identity, Mandate, MandateText, Relay
from selfbilling.files import checked
from tests import cast, sent_files, world

pytestmark = pytest.mark.django_db
TODAY = dt.date(2026, 11, 25)


def words(pdf: bytes) -> str:
    """Its text as a reader sees it, in one line, all spaces alike; pages are parted by a form feed."""
    read = subprocess.run(["pdftotext", "-layout", "-", "-"], input=pdf, capture_output=True, check=True).stdout.decode()
    return "\f".join(" ".join(page.split()) for page in read.rstrip("\f").split("\f"))


def copied(mandate: Mandate) -> str:
    return words(copying.copy(Mandate.objects.get(pk=mandate.pk), on=TODAY))


@pytest.fixture
def shop() -> Relay:
    return world.relay(
        mandate=None, legal_name="Œuvre & Doğan – Pawłowska l’Étoile", trade_name="Chez Łucja", share_capital="8 000 €", rcs_city="Nantes"
    )


@pytest.fixture
def mandate(shop: Relay) -> Mandate:
    return world.give_mandate(shop, dt.date(2025, 12, 1))


def test_it_says_that_it_is_a_copy_of_what_and_since_when(mandate: Mandate) -> None:
    text = copied(mandate)
    assert "Copie, établie le 25 novembre 2026, du mandat donné le 1er décembre 2025" in text
    assert "à partir du 1er décembre 2025, sans date de fin" in text
    assert "sur papier, le 1er décembre 2025" in text
    assert "30 jours à partir de sa date" in text
    assert "page 1/1" in text


def test_both_parties_are_named_with_every_letter(mandate: Mandate) -> None:
    text = copied(mandate)
    assert "Œuvre & Doğan – Pawłowska l’Étoile" in text
    assert "Enseigne : Chez Łucja" in text
    assert "287 244 677 00848" in text
    assert "FR11 287 244 677" in text
    assert "Réseau Relais SAS" in text
    assert text.index("Le mandant, qui vend") < text.index("Le mandataire, qui achète")


def test_the_relay_is_named_as_it_was_when_it_signed(mandate: Mandate, shop: Relay) -> None:
    Identity.objects.create(relay=shop, valid_from=dt.date(2026, 3, 1), legal_name="Nouveau nom SARL", legal_form="SARL")
    assert "Nouveau nom" not in copied(mandate)


def test_a_relay_that_was_entered_after_it_signed_is_named_as_it_was_first_known(mandate: Mandate) -> None:
    Identity.objects.update(valid_from=dt.date(2026, 1, 1))
    assert "Œuvre & Doğan" in copied(mandate)


def test_the_text_is_the_version_that_was_agreed(mandate: Mandate, shop: Relay) -> None:
    MandateText.objects.filter(pk=mandate.text_id).update(body="Article 1 : objet\nLe mandant <donne> mandat.\n\nDélai\n\nTrente jours.")
    other = MandateText.objects.create(version="2027-1", contest_days=10, body="Autre texte.")
    world.give_mandate(shop, dt.date(2024, 1, 1), dt.date(2024, 12, 31))
    Mandate.objects.filter(valid_from=dt.date(2024, 1, 1)).update(text=other)
    text = copied(mandate)
    assert "Texte du mandat, version text-30 Article 1 : objet Le mandant <donne> mandat. Délai Trente jours." in text
    assert "Autre texte" not in text


def test_without_words_it_says_where_they_are(mandate: Mandate) -> None:
    text = copied(mandate)
    assert "aucun scan n’en a été déposé" in text
    assert "Pour en recevoir une copie : relais@" in text
    scan = filing.file_scan(mandate_id=mandate.pk, file=checked(name="a.pdf", data=sent_files.pdf()), by=cast.clerk())
    text = copied(mandate)
    assert scan.sha256 in text
    assert "à lire sur son scan" in text


def test_it_says_who_approved_and_when(shop: Relay) -> None:
    mandate = world.give_mandate(shop, dt.date(2025, 12, 1))
    assert "Approuvé avec le fichier du mandataire" in copied(mandate)
    Mandate.objects.update(state="consented", channel="online")
    text = copied(mandate)
    assert "Approbation pas encore" in text
    assert "L’accord a été donné en ligne." in text
    with world.on(dt.date(2026, 10, 31), hour=0):  # the day before in UTC
        approving.approve(mandate_id=mandate.pk, by=cast.clerk())
    assert "Approuvé le 31 octobre 2026, par Claude Lefèvre" in copied(mandate)


def test_one_that_was_refused_says_why(shop: Relay) -> None:
    mandate = world.give_mandate(shop, dt.date(2025, 12, 1))
    Mandate.objects.update(state="consented")
    with world.on(dt.date(2026, 10, 31)):
        approving.reject(mandate_id=mandate.pk, reason="signature illisible", by=cast.clerk())
    assert "Refusé le 31 octobre 2026, par Claude Lefèvre : signature illisible" in copied(mandate)


def test_without_a_delay_silence_accepts_nothing(shop: Relay) -> None:
    mandate = world.give_mandate(shop, dt.date(2025, 12, 1), dt.date(2026, 11, 30), contest_days=None)
    text = copied(mandate)
    assert "aucun délai n’est fixé : une facture n’est acceptée que si le mandant le dit" in text
    assert "du 1er décembre 2025 au 30 novembre 2026 inclus" in text


def test_the_same_rows_on_the_same_day_give_the_same_bytes(mandate: Mandate) -> None:
    assert copying.copy(mandate, on=TODAY) == copying.copy(Mandate.objects.get(), on=TODAY)
    assert copying.copy(mandate, on=TODAY) != copying.copy(mandate, on=TODAY + dt.timedelta(days=1))


def test_a_long_text_runs_over_numbered_pages_and_loses_no_word(mandate: Mandate) -> None:
    articles = ((n, f"Phrase numéro {n} du mandat, avec Œ, ğ, ł et ’. " * 12) for n in range(1, 41))
    body = "\n\n".join(f"Article {n} : titre {n}\n\n{said}Fin {n}." for n, said in articles)
    MandateText.objects.update(body=body)
    pdf = copying.copy(Mandate.objects.get(), on=TODAY)
    pages = words(pdf).split("\f")
    assert len(pages) > 4
    assert [f"page {rank}/{len(pages)}" in page for rank, page in enumerate(pages, 1)] == [True] * len(pages)
    assert all("Copie, établie le 25 novembre 2026, du mandat de R0001" in page for page in pages)
    whole = " ".join(pages)
    assert [n for n in range(1, 41) if f"titre {n} " not in whole or f"Fin {n}." not in whole] == []


def test_a_heading_never_stands_alone_at_the_end_of_a_page(mandate: Mandate) -> None:
    for lines in range(15, 45):  # wherever it falls, on the first page or the next
        mandate.text.body = "\n".join(f"Ligne {n}." for n in range(lines)) + "\n\nTitre en bas\n\nSa phrase."
        pages = words(copying.copy(mandate, on=TODAY)).split("\f")
        assert [page for page in pages if "Titre en bas Sa phrase." in page], f"after {lines} lines"


def test_long_names_stay_in_their_columns(shop: Relay) -> None:
    Identity.objects.update(legal_name="Établissements " + "Przybyszewska-Doğançay-Œuvrard " * 5, address_line2="É" * 150)
    mandate = world.give_mandate(shop, dt.date(2025, 12, 1))
    text = copied(mandate)
    assert text.count("Przybyszewska") == 5
    assert text.count("É" * 20) > 1


def test_its_typeface_is_in_the_file_in_two_weights(mandate: Mandate) -> None:
    with pikepdf.open(io.BytesIO(copying.copy(mandate, on=TODAY))) as opened:
        fonts = {str(font.BaseFont).partition("+")[2]: font for page in opened.pages for font in page.Resources.Font.values()}
        assert len(fonts) == 2
        assert all("/FontFile2" in font.FontDescriptor for font in fonts.values())
        assert opened.Root.Lang == "fr-FR"
