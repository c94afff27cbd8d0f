"""Each person's way through the site, in a real browser, on a desk and on a phone."""

import io
import re
import zipfile
from collections.abc import Callable

from playwright.sync_api import Page, expect

from tests.journeys.conftest import Site
from tests.journeys.screens import DESKTOP, SCREENS, Screen, misfits

Visit = Callable[..., Page]


def fits(page: Page, screen: Screen) -> None:
    """Nothing makes the page scroll sideways, and no thumb misses anything."""
    assert misfits(page, screen) == []


@SCREENS
def test_invited_and_in(visit: Visit, site: Site, screen: Screen) -> None:
    """One message, one link, one page, and its owner is in."""
    email = f"nouveau.{screen.name}@example.org"
    ((relay_id,),) = site.scene.rows(f"SELECT id FROM relays_relay WHERE code = '{site.shops[screen.nth]}'")
    clerk = visit("claude@example.org", screen=screen)
    clerk.goto(f"/admin/relays/relay/{relay_id}/personnes/")
    fits(clerk, screen)
    clerk.get_by_label("Adresse e-mail").fill(email)
    clerk.get_by_role("button", name=re.compile("Inviter|Envoyer")).click()
    (letter,) = site.letters(email)
    (link,) = re.findall(r"http://\S+/invitation/\S+", letter)
    page = visit(screen=screen)
    page.goto(link)
    fits(page, screen)
    page.get_by_label(re.compile("Mot de passe|mot de passe")).first.fill("cheval agrafe batterie neuf")
    page.get_by_role("main").get_by_role("button").last.click()
    page.goto("/")
    expect(page.get_by_role("main")).to_contain_text("Bonjour")
    fits(page, screen)


@SCREENS
def test_the_first_download(visit: Visit, site: Site, screen: Screen) -> None:
    number = site.invoice(site.shops[screen.nth])
    page = visit(screen.owner, screen=screen)
    fits(page, screen)
    page.get_by_role("link", name="Toutes vos factures").click()
    fits(page, screen)
    page.get_by_role("row").filter(has_text=number).get_by_role("link").click()
    expect(page.get_by_role("main")).to_contain_text(number)
    fits(page, screen)
    with page.expect_download() as download:
        page.get_by_role("link", name="Télécharger le PDF").click()
    assert download.value.suggested_filename == f"{number}.pdf"
    assert download.value.path().read_bytes().startswith(b"%PDF-1.7")


def test_a_stranger_is_told_nothing(visit: Visit, site: Site) -> None:
    shop = site.shops[1 - DESKTOP.nth]
    number = site.invoice(shop)
    page = visit(DESKTOP.owner)
    for address in (f"/factures/{number}/", f"/factures/{number}.pdf", f"/relais/{shop}/", f"/relais/{shop}/mandat/"):
        response = page.request.get(address)
        assert response.status == 404
        assert number not in response.text()


@SCREENS
def test_from_paper_to_e_mail_and_back_in_two_clicks(visit: Visit, site: Site, screen: Screen) -> None:
    shop = site.shops[screen.nth]
    page = visit(screen.owner, screen=screen)
    page.goto(f"/relais/{shop}/email/")
    fits(page, screen)
    to_paper = page.get_by_role("button", name="par courrier")
    to_email = page.get_by_role("button", name="par e-mail")
    if to_paper.count():
        to_paper.click()
    expect(to_email).to_be_visible()
    fits(page, screen)
    to_email.click()
    expect(page.get_by_text("Par e-mail, depuis")).to_be_visible()
    fits(page, screen)
    assert site.scene.count("selfbilling_journalentry", f"subject = 'relay:{shop}'") >= 1


@SCREENS
def test_contest_answer_reply(visit: Visit, site: Site, screen: Screen) -> None:
    number = site.invoice(site.shops[screen.nth])
    shop = visit(screen.owner, screen=screen)
    shop.goto(f"/factures/{number}/")
    shop.get_by_role("link", name="Contester cette facture").first.click()
    fits(shop, screen)
    shop.get_by_role("radio").first.check()
    shop.get_by_label("Quelle est la bonne quantité").fill("9999")
    shop.get_by_label("Pourquoi").fill("Il manque douze colis le 10.")
    shop.locator("main button.main").click()
    shop.wait_for_url("**/contestation/")
    expect(shop.get_by_role("main")).to_contain_text("Il manque douze colis le 10.")
    fits(shop, screen)

    desk = visit("sacha@example.org", screen=screen)
    desk.goto("/bureau/contestations/")
    fits(desk, screen)
    desk.get_by_role("link", name=re.compile(number)).first.click()
    fits(desk, screen)
    desk.get_by_role("textbox").first.fill("Pouvez-vous nous envoyer le bordereau ?")
    desk.get_by_role("button", name="Poser une question au relais").click()
    expect(desk.get_by_role("main")).to_contain_text("bordereau")

    shop.reload()
    expect(shop.get_by_role("main")).to_contain_text("bordereau")
    shop.get_by_role("textbox").first.fill("Le voici, douze colis le 10.")
    shop.get_by_role("button", name=re.compile("Envoyer|Répondre")).first.click()
    expect(shop.get_by_role("main")).to_contain_text("Le voici, douze colis le 10.")
    desk.reload()
    expect(desk.get_by_role("main")).to_contain_text("Le voici, douze colis le 10.")
    fits(desk, screen)


@SCREENS
def test_the_clerk_approves_twenty_and_rejects_one(visit: Visit, site: Site, screen: Screen) -> None:
    channel = ("paper", "online")[screen.nth]
    page = visit("claude@example.org", screen=screen)
    page.goto("/admin/relays/mandate/a-approuver/")
    page.get_by_label("Canal").select_option(channel)
    page.get_by_role("button", name="Rechercher").click()
    boxes = page.get_by_role("checkbox")
    expect(boxes).to_have_count(21)
    fits(page, screen)
    page.get_by_role("link", name=re.compile("Refuser")).first.click()
    fits(page, screen)
    page.get_by_label("Pourquoi").fill("La signature manque.")
    page.get_by_role("button", name="Refuser ce mandat").click()
    page.goto(f"/admin/relays/mandate/a-approuver/?channel={channel}")
    expect(boxes).to_have_count(20)
    for box in boxes.all():
        box.check()
    page.get_by_role("button", name="Approuver la sélection").click()
    expect(page.get_by_text("20 mandats approuvés")).to_be_visible()
    expect(boxes).to_have_count(0)
    fits(page, screen)
    assert site.scene.count("relays_mandate", f"state = 'rejected' AND reason = 'La signature manque.' AND channel = '{channel}'") == 1


@SCREENS
def test_the_manager_bills_to_delivered_with_a_held_relay_mended_on_the_way(visit: Visit, site: Site, screen: Screen) -> None:
    period, shop = site.to_bill[screen.nth], site.shops[screen.nth]
    month = f"/bureau/mois/{period}/"
    camille, dominique = (visit(f"{name}@example.org", screen=screen) for name in ("camille", "dominique"))
    camille.goto(month)
    camille.get_by_text("Retenir un relais").click()
    fits(camille, screen)
    camille.get_by_label("Code du relais").fill(shop)
    camille.get_by_label("Pourquoi").fill("Compteur à vérifier")
    camille.get_by_role("button", name="Retenir").click()
    act(camille, month, "Facturer", screen)
    held = camille.get_by_role("row", name=re.compile(shop))
    expect(held).to_contain_text("Compteur à vérifier")
    held.get_by_role("button", name="Laisser passer").click()
    act(camille, month, "Facturer", screen)
    expect(camille.get_by_role("row", name=re.compile(f"^{shop} .*Compteur"))).to_have_count(0)

    dominique.goto(month)
    fits(dominique, screen)
    dominique.get_by_role("link", name=re.compile("Approuver")).click()
    fits(dominique, screen)
    dominique.get_by_role("button", name=re.compile("Approuver")).click()
    act(camille, month, "Émettre", screen)
    expect(camille.get_by_role("main")).to_contain_text("Émises et archivées, à envoyer")
    act(camille, month, "Envoyer", screen)
    expect(camille.get_by_role("main")).to_contain_text("Émises, archivées et envoyées")
    fits(camille, screen)
    assert site.scene.count("invoices_due") == 0
    assert site.scene.count("invoices_invoice", f"period = '{period.first}'") > 30


def act(page: Page, month: str, name: str, screen: Screen) -> None:
    """Ask for it, confirm, and wait on the live page, which renews itself, until it says that it is done."""
    page.goto(month)
    page.get_by_role("link", name=re.compile(f"^{name}")).first.click()
    fits(page, screen)
    page.get_by_role("button", name=re.compile(f"^{name}")).click()
    expect(page.get_by_role("heading", level=1)).not_to_have_text("En cours", timeout=180_000)
    expect(page.get_by_role("main")).to_contain_text("C’est fait")
    fits(page, screen)
    page.goto(month)


@SCREENS
def test_the_accountant_s_zip_has_each_client_s_invoice(visit: Visit, site: Site, screen: Screen) -> None:
    page = visit("chloe@example.org", screen=screen)
    fits(page, screen)
    page.get_by_label("Toutes les factures d’un mois").select_option(str(site.delivered))
    with page.expect_download() as download:
        page.get_by_role("button", name="Télécharger (ZIP)").click()
    names = zipfile.ZipFile(io.BytesIO(download.value.path().read_bytes())).namelist()
    assert {f"{site.invoice(shop)}.pdf" for shop in site.shops} <= set(names)
    assert len(names) >= 12
