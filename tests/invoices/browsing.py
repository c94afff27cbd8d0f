"""A real browser whose network is Django's test client, in the test's own transaction: a fixture that opens a page as somebody."""

from collections.abc import Callable, Iterator
from contextvars import copy_context
from typing import Any
from urllib.parse import urlsplit

import pytest
from django.db import connections
from django.test import Client
from playwright.sync_api import Browser, Page, Route, sync_playwright

from tests.journeys.conftest import FLAGS

SITE = "http://localhost"


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    with pytest.MonkeyPatch.context() as environment, sync_playwright() as playwright:
        environment.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "true")  # Playwright's loop runs in this thread
        browser = playwright.chromium.launch(executable_path="/usr/bin/chromium", args=FLAGS)
        yield browser
        connections.close_all()  # those that were opened beside its loop
        browser.close()


@pytest.fixture
def visit(chromium: Browser) -> Iterator[Callable[..., Page]]:
    """Opens a page as that browser of the cast; nothing may be said against the Content-Security-Policy, no script may fail."""
    complaints: list[str] = []
    contexts = []
    ours = copy_context()  # Playwright answers in a greenlet of its own, which has no connection in the test's transaction

    def open_page(who: Client, path: str, **options: Any) -> Page:
        def answer(route: Route) -> None:
            url = urlsplit(route.request.url)
            asked = {name: value for name, value in route.request.headers.items() if name.startswith("hx-")}
            got: Any = ours.run(who.get, f"{url.path}?{url.query}", headers=asked, follow=True)
            body = b"".join(got) if got.streaming else got.content
            route.fulfill(status=got.status_code, headers=dict(got.headers), body=body)

        context = chromium.new_context(base_url=SITE, locale="fr-FR", **options)
        contexts.append(context)
        page = context.new_page()
        page.route("**/*", answer)
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.on("console", lambda line: complaints.append(line.text) if "Content Security Policy" in line.text else None)
        page.goto(path)
        return page

    yield open_page
    for context in contexts:
        context.close()
    assert complaints == []
