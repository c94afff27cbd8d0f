"""Looking at pages: what a view answers is opened in a real browser, on both sizes of screen, and axe-core says what is wrong with it.

The browser's network is Django's test client, in the test's own transaction: so a page can be looked at in any state.
"""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import copy_context
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from axe_playwright_python.sync_playwright import Axe
from django.core import mail
from django.http import HttpResponse
from django.template import Template
from django.test import Client
from django.test.signals import template_rendered
from django.urls import Resolver404, resolve
from playwright.sync_api import Browser, Page, Route

from tests import cast
from tests.journeys.screens import DESKTOP, PHONE, Screen, misfits

TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]
RULES = {"runOnly": {"type": "tag", "values": [*TAGS, "best-practice"]}, "resultTypes": ["violations"]}
OF_MAIL = {"runOnly": {"type": "tag", "values": TAGS}, "resultTypes": ["violations"]}
"""A mail program puts a letter into its own page, which has the landmarks."""
SITE = "http://localhost"
SHOTS = os.environ.get("SHOTS", "")
"""A folder for pictures of all that is looked at."""


class Look:
    """Notes what is looked at: the names of the addresses, the templates."""

    def __init__(self) -> None:
        self.addresses: set[str] = set()
        self.templates: set[str] = set()
        self.found: list[str] = []
        self._letters = 0

    def __call__(self, browser: Client, path: str, send: dict[str, Any] | None = None, *, status: int = 200, **meta: Any) -> HttpResponse:
        """Open that page, or send its form, and look at what is answered. send: the form's fields."""
        answer: Any = browser.get(path, **meta) if send is None else browser.post(path, send, **meta)
        assert answer.status_code == status, f"{path}: {answer.status_code} {answer.headers.get('Location', '')}"
        try:
            self.addresses.add(resolve(path.partition("?")[0]).view_name)
        except Resolver404:
            assert status == 404
        self.show(f"{path}{' (sent)' if send is not None else ''}", path, answer, browser=browser)
        return answer  # type: ignore[no-any-return]

    def letters(self) -> None:
        """Look at the letters that were sent since the last time."""
        for message in mail.outbox[self._letters :]:
            for html, _type in getattr(message, "alternatives", []):
                self.show_letter(str(message.subject), str(html))
        self._letters = len(mail.outbox)

    def show(self, name: str, path: str, answer: HttpResponse, *, browser: Client | None = None) -> None:
        """Nothing: this one only takes notes. browser: whose page it is, None where it is nobody's."""

    def show_letter(self, subject: str, html: str) -> None:
        """Nothing either."""

    @contextmanager
    def at_templates(self) -> Iterator["Look"]:
        """Note which templates are used."""

        def note(sender: Template, template: Template, **_: Any) -> None:
            self.templates.add(str(template.name))

        template_rendered.connect(note)
        try:
            yield self
        finally:
            template_rendered.disconnect(note)


class Screens:
    """A browser's two screens. Their network is what was answered last, and for what a page needs beside it the site."""

    def __init__(self, chromium: Browser) -> None:
        self.answer: Any = None
        self.browser = self._files = cast.browser()
        self.context = copy_context()
        self.said: list[str] = []
        self.pages = [(screen, self._page(chromium, screen)) for screen in (DESKTOP, PHONE)]

    def now(self, answer: HttpResponse, browser: Client) -> None:
        """What is opened next, and whose it is. Its context is the test's: there the connection is whose transaction it sees."""
        self.answer, self.browser, self.context = answer, browser, copy_context()

    def _page(self, chromium: Browser, screen: Screen) -> Page:
        page = chromium.new_context(**screen.options, base_url=SITE).new_page()
        page.route("**/*", self._route)
        page.on("pageerror", lambda error: self.said.append(f"script: {error}"))
        page.on("console", lambda line: self.said.append(line.text) if "Content Security Policy" in line.text else None)
        return page

    def _route(self, route: Route) -> None:
        answer, asked = self.answer, route.request
        if asked.frame.parent_frame is not None:  # a scan, in the browser's own viewer
            route.fulfill(content_type="text/html", body="<!DOCTYPE html><html lang=fr><title>PDF</title>")
            return
        if not asked.is_navigation_request():
            url = urlsplit(asked.url)
            site = self._files if url.path.startswith("/static/") else self.browser
            htmx = {name: value for name, value in asked.headers.items() if name.startswith("hx-")}
            answer = self.context.run(site.get, f"{url.path}?{url.query}", headers=htmx)
        body = b"".join(answer) if answer.streaming else answer.content
        route.fulfill(status=answer.status_code, headers=dict(answer.headers), body=body)

    def close(self) -> None:
        """Close both."""
        for _, page in self.pages:
            page.context.close()


class Browsed(Look):
    """Looks with a browser, which says what is wrong."""

    def __init__(self, screens: Screens) -> None:
        super().__init__()
        self._screens = screens

    def show(self, name: str, path: str, answer: HttpResponse, *, browser: Client | None = None) -> None:
        """Open what was answered on both screens."""
        self._screens.now(answer, browser or cast.browser())
        for screen, page in self._screens.pages:
            page.goto(path)
            self._judge(f"{name} [{screen.name}]", page, screen, RULES)

    def show_letter(self, subject: str, html: str) -> None:
        """Open a letter on both screens."""
        self._screens.now(HttpResponse(html), cast.browser())
        for screen, page in self._screens.pages:
            page.goto("/a-letter/")
            self._judge(f"{subject} [{screen.name}]", page, screen, OF_MAIL)

    def _judge(self, name: str, page: Page, screen: Screen, rules: dict[str, Any]) -> None:
        results = Axe().run(page, options=rules)
        for one in results.response["violations"]:
            self.found.append(f"{name}: {one['id']}: {one['help']}: {[node['html'][:160] for node in one['nodes']][:5]}")
        of_django = page.locator("#container").count()  # its admin's own markup has style in itself, which our policy leaves out
        said = [line for line in self._screens.said if not (of_django and "inline style" in line)]
        self.found += [f"{name}: {one}" for one in [*misfits(page, screen), *said]]
        self._screens.said.clear()
        if SHOTS:
            file = f"{screen.name} {len(list(Path(SHOTS).iterdir())):04d} {name.replace('/', '_')[:90]}.png"
            page.screenshot(path=Path(SHOTS) / file, full_page=True)
