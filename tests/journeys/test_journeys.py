"""Each person's way through the site, in a real browser, on a desk and on a phone."""

import io
import re
import zipfile
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.journeys.conftest import DESKTOP, PHONE, Site

Visit = Callable[..., Page]
SIZES = pytest.mark.parametrize("size", [DESKTOP, PHONE], ids=["desktop", "phone"])


def fits(page: Page) -> None:
    """Nothing makes the page scroll sideways."""
    page.wait_for_load_state()
    assert page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth")


@SIZES
def test_the_first_download(visit: Visit, site: Site, size: dict[str, int]) -> None:
    page = visit("alice@example.org", size=size)
    fits(page)
    page.get_by_role("link", name="Voir la facture").click()
    expect(page.get_by_role("main")).to_contain_text(site.invoice)
    fits(page)
    with page.expect_download() as download:
        page.get_by_role("link", name="Télécharger le PDF").click()
    assert download.value.suggested_filename == f"{site.invoice}.pdf"
    assert download.value.path().read_bytes().startswith(b"%PDF-1.7")


def test_a_stranger_is_told_nothing(visit: Visit, site: Site) -> None:
    page = visit("zoe@example.org")
    for address in (f"/factures/{site.invoice}/", f"/factures/{site.invoice}.pdf", f"/relais/{site.shop}/", f"/relais/{site.shop}/mandat/"):
        response = page.request.get(address)
        assert response.status == 404
        assert site.invoice not in response.text()


@SIZES
def test_from_paper_to_e_mail_and_back_in_two_clicks(visit: Visit, site: Site, size: dict[str, int]) -> None:
    page = visit("alice@example.org", size=size)
    page.goto(f"/relais/{site.shop}/email/")
    fits(page)
    to_paper = page.get_by_role("button", name="par courrier")
    to_email = page.get_by_role("button", name="par e-mail")
    if to_paper.count():
        to_paper.click()
    expect(to_email).to_be_visible()
    to_email.click()
    expect(page.get_by_text("Par e-mail, depuis")).to_be_visible()
    assert site.scene.count("selfbilling_journalentry", f"subject = 'relay:{site.shop}'") >= 1


def test_contest_answer_reply(visit: Visit, site: Site) -> None:
    shop = visit("alice@example.org", size=PHONE)
    shop.goto(f"/factures/{site.invoice}/")
    shop.get_by_role("link", name="Contester cette facture").first.click()
    fits(shop)
    shop.get_by_role("radio").first.check()
    shop.get_by_label("Quelle est la bonne quantité").fill("9999")
    shop.get_by_label("Pourquoi").fill("Il manque douze colis le 10.")
    shop.locator("main button.main").click()
    shop.wait_for_url("**/contestation/")
    expect(shop.get_by_role("main")).to_contain_text("Il manque douze colis le 10.")

    desk = visit("sacha@example.org")
    desk.goto("/bureau/contestations/")
    desk.get_by_role("link", name=re.compile(site.invoice)).first.click()
    desk.get_by_role("textbox").first.fill("Pouvez-vous nous envoyer le bordereau ?")
    desk.get_by_role("button", name="Poser une question au relais").click()
    expect(desk.get_by_role("main")).to_contain_text("bordereau")

    shop.reload()
    expect(shop.get_by_role("main")).to_contain_text("bordereau")
    shop.get_by_role("textbox").first.fill("Le voici, douze colis le 10.")
    shop.get_by_role("button", name=re.compile("Envoyer|Répondre")).first.click()
    desk.reload()
    expect(desk.get_by_role("main")).to_contain_text("Le voici, douze colis le 10.")


def test_the_clerk_approves_twenty_and_rejects_one(visit: Visit, site: Site) -> None:
    page = visit("claude@example.org")
    page.goto("/admin/relays/mandate/a-approuver/")
    boxes = page.get_by_role("checkbox")
    assert boxes.count() == 21
    page.get_by_role("link", name=re.compile("Refuser")).first.click()
    page.get_by_label("Pourquoi").fill("La signature manque.")
    page.get_by_role("button", name="Refuser ce mandat").click()
    expect(boxes).to_have_count(20)
    for box in boxes.all():
        box.check()
    page.get_by_role("button", name="Approuver la sélection").click()
    expect(page.get_by_text("20 mandats approuvés")).to_be_visible()
    expect(page.get_by_text("Aucun mandat n’attend")).to_be_visible()
    assert site.scene.count("relays_mandate", "state = 'rejected' AND reason = 'La signature manque.'") == 1


def test_the_manager_bills_to_delivered_with_a_held_relay_mended_on_the_way(visit: Visit, site: Site) -> None:
    month = f"/bureau/mois/{site.last_month}/"
    camille, dominique = visit("camille@example.org"), visit("dominique@example.org")
    camille.goto(month)
    camille.get_by_text("Retenir un relais").click()
    camille.get_by_label("Code du relais").fill(site.shop)
    camille.get_by_label("Pourquoi").fill("Compteur à vérifier")
    camille.get_by_role("button", name="Retenir").click()
    bill(camille, month)
    held = camille.get_by_role("row", name=re.compile(site.shop))
    expect(held).to_contain_text("Compteur à vérifier")
    held.get_by_role("button", name="Laisser passer").click()
    bill(camille, month)
    expect(camille.get_by_role("row", name=re.compile(f"^{site.shop} .*Compteur"))).to_have_count(0)

    dominique.goto(month)
    dominique.get_by_role("link", name=re.compile("Approuver")).click()
    dominique.get_by_role("button", name=re.compile("Approuver")).click()
    act(camille, month, "Émettre")
    expect(camille.get_by_role("main")).to_contain_text("Émises et archivées, à envoyer")
    act(camille, month, "Envoyer")
    expect(camille.get_by_role("main")).to_contain_text("Émises, archivées et envoyées")
    assert site.scene.count("invoices_due") == 0
    assert site.scene.count("invoices_invoice", f"period = '{site.last_month.first}'") > 30


def bill(page: Page, month: str) -> None:
    page.goto(month)
    page.get_by_role("link", name=re.compile("^Facturer")).first.click()
    page.get_by_role("button", name="Facturer").click()
    done(page, month)


def act(page: Page, month: str, name: str) -> None:
    page.goto(month)
    page.get_by_role("link", name=re.compile(f"^{name}")).first.click()
    page.get_by_role("button", name=re.compile(f"^{name}")).click()
    done(page, month)


def done(page: Page, month: str) -> None:
    """The live page renews itself until it says that it is done."""
    expect(page.get_by_role("heading", level=1)).not_to_have_text("En cours", timeout=180_000)
    expect(page.get_by_role("main")).to_contain_text("C’est fait")
    page.goto(month)


def test_the_accountant_s_zip_has_each_client_s_invoice(visit: Visit, site: Site) -> None:
    page = visit("chloe@example.org", size=PHONE)
    fits(page)
    page.goto("/factures/")
    fits(page)
    with page.expect_download() as download:
        page.get_by_role("link", name=re.compile("ZIP")).or_(page.get_by_role("button", name=re.compile("ZIP"))).first.click()
    names = zipfile.ZipFile(io.BytesIO(download.value.path().read_bytes())).namelist()
    assert f"{site.invoice}.pdf" in names
    assert len(names) >= 12


@SIZES
def test_invited_and_in(visit: Visit, site: Site, size: dict[str, int]) -> None:
    """One message, one link, one page, and its owner is in."""
    email = f"nouveau{size['width']}@example.org"
    (relay_id,) = site.scene.rows(f"SELECT id FROM relays_relay WHERE code = '{site.other}'")[0]
    clerk = visit("claude@example.org")
    clerk.goto(f"/admin/relays/relay/{relay_id}/personnes/")
    clerk.get_by_label("Adresse e-mail").fill(email)
    clerk.get_by_role("button", name=re.compile("Inviter|Envoyer")).click()
    (letter,) = site.letters(email)
    (link,) = re.findall(r"http://\S+/invitation/\S+", letter)
    page = visit(size=size)
    page.goto(link)
    fits(page)
    page.get_by_label(re.compile("Mot de passe|mot de passe")).first.fill("cheval agrafe batterie neuf")
    page.get_by_role("main").get_by_role("button").last.click()
    page.goto("/")
    expect(page.get_by_role("main")).to_contain_text("Bonjour")
