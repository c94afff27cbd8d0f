"""A site of its own, served by real processes: forty relays, one month delivered, and for each size of screen a later one to bill."""

import datetime as dt
import email
import os
import socket
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from email import policy
from pathlib import Path
from urllib.request import urlopen

import pytest
from django.conf import settings
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

from invoices.demonstration import network
from invoices.period import Period, today
from selfbilling.embedded import use
from tests import cast
from tests.faults.scene import CAMILLE, DOMINIQUE, Scene
from tests.journeys.screens import DESKTOP, Screen
from tests.selfbilling.users import connect

KINDS = ("relays", "mandates", "tariffs", "activity", "adjustments")
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


@dataclass
class Site:
    """The running site. shops, to_bill: a relay and a month for each size of screen; delivered: the month that has its invoices."""

    scene: Scene
    address: str
    shops: list[str]
    delivered: Period
    to_bill: list[Period]

    def invoice(self, shop: str) -> str:
        """The number of that relay's invoice of the delivered month."""
        (row,) = self.scene.rows(
            "SELECT i.number FROM invoices_invoice i JOIN relays_relay r ON r.id = i.relay_id "
            f"WHERE r.code = '{shop}' AND i.period = '{self.delivered.first}'"
        )
        return str(row[0])

    def letters(self, to: str) -> list[str]:
        """The letters to an address, as text, oldest first."""
        files = sorted((self.scene.data_dir / "mail" / "letters").glob("*.eml"), key=lambda file: file.stat().st_mtime)
        letters = [email.message_from_bytes(file.read_bytes(), policy=policy.default) for file in files]
        return [str(one.get_body(("plain",)).get_content()) for one in letters if to in str(one["To"])]  # type: ignore[union-attr]


@pytest.fixture(scope="session")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    last = Period(today().replace(day=1)).previous
    delivered, *to_bill = months = [last.previous.previous, last.previous, last]
    scene = _scene(tmp_path_factory.mktemp("site"))
    files = scene.folder / "files"
    network.write(files, months=[str(month) for month in months], relays=40)
    scene.environment["PYTHONPATH"] = str(Path.cwd())
    address = f"http://localhost:{_free_port()}"
    scene.environment["SITE_URL"] = address
    scene.prepare(
        ["migrate", "--verbosity", "0"],
        *(["create_staff", email, "--group", "billing"] for email in (CAMILLE, DOMINIQUE)),
        *([f"import_{kind}", str(files / f"{kind}.csv")] for kind in KINDS),
        ["bill", str(delivered), "--by", CAMILLE],
        ["approve", str(delivered), "--by", DOMINIQUE],
        ["issue", str(delivered), "--issue-date", str(delivered.next.first + dt.timedelta(days=1))],
        ["deliver", str(delivered)],
    )
    made = scene._start(["-m", "tests.journeys.people"], {}).ended()
    assert made.status == 0, made.err
    scene.start_worker("journeys")
    server = scene.start("runserver", "--noreload", address.removeprefix("http://").replace("localhost", "127.0.0.1"))
    for _ in server.runs():
        if _answers(address):
            break
    yield Site(scene, address, made.out.split(), delivered, to_bill)
    scene.end()


def _scene(folder: Path) -> Scene:
    sockets = str(use.database(settings.DATA_DIR, durable=False))
    database = f"journeys_{os.getpid()}"
    with connect(sockets, dbname="postgres") as connection:
        connection.execute(f"DROP DATABASE IF EXISTS {database} WITH (FORCE)")
        connection.execute(f"CREATE DATABASE {database}")
    return Scene(folder, sockets, database)


def _free_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])


def _answers(address: str) -> bool:
    try:
        with urlopen(f"{address}/compte/login/", timeout=20) as answer:
            return bool(answer.status == 200)
    except OSError:
        return False


@pytest.fixture(scope="package")
def chromium() -> Iterator[Browser]:
    # Playwright has an event loop in this thread for as long as it runs; Django would take us for a coroutine.
    with pytest.MonkeyPatch.context() as patch, sync_playwright() as playwright:
        patch.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "true")
        browser = playwright.chromium.launch(executable_path="/usr/bin/chromium", args=FLAGS)
        yield browser
        browser.close()


@pytest.fixture
def visit(site: Site, chromium: Browser) -> Iterator[Callable[..., Page]]:
    """Opens a page of the site as nobody, or as one of the cast by their e-mail; fails on any error in the browser's console."""
    opened: list[BrowserContext] = []
    said: list[str] = []

    def open_page(who: str = "", *, screen: Screen = DESKTOP) -> Page:
        context = chromium.new_context(**screen.options, base_url=site.address)
        opened.append(context)
        page = context.new_page()
        page.set_default_timeout(30_000)
        page.on("console", lambda message: said.append(message.text) if "Content Security Policy" in message.text else None)
        page.on("pageerror", lambda error: said.append(str(error)))
        if who:
            page.goto("/compte/login/")
            page.get_by_label("Adresse e-mail").fill(who)
            page.get_by_label("Mot de passe", exact=True).fill(cast.PASSWORD)
            page.get_by_role("button", name="Se connecter").click()
            page.wait_for_url(lambda url: "/compte/login" not in url)
        return page

    yield open_page
    for context in opened:
        context.close()
    assert not said


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """One worker of pytest-xdist has the site; one, which may be another, looks at all pages."""
    for item in items:
        if "journeys" in item.path.parts:
            item.add_marker(pytest.mark.xdist_group("pages" if item.path.stem == "test_accessible" else "journeys"))
            item.add_marker(pytest.mark.requires("chromium"))
