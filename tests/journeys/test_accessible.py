"""axe-core finds nothing on any page whose template is ours, on a phone and on a desk, light and dark."""

from collections.abc import Callable

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

from tests.journeys.conftest import DESKTOP, PHONE, Site

RULES = {"runOnly": {"type": "tag", "values": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]}}
NOBODY = ("/compte/login/", "/compte/lien/", "/compte/password/reset/", "/verifier/", "/aide/", "/nulle-part/")
OWNER = (
    "/",
    "/factures/",
    "/factures/{invoice}/",
    "/factures/{invoice}/contester/",
    "/relais/{shop}/email/",
    "/relais/{shop}/mandat/",
    "/relais/{shop}/demandes/",
    "/relais/{shop}/demandes/coordonnees/",
    "/compte/",
    "/compte/2fa/",
    "/compte/password/change/",
    "/compte/sessions/",
)
ACCOUNTANT = ("/", "/factures/")
MANAGER = ("/bureau/mois/{month}/", "/bureau/mois/{month}/bill/", "/bureau/mois/{month}/en-cours/")
SUPPORT = ("/bureau/support/", "/bureau/support/?q={shop}", "/bureau/relais/{shop}/", "/bureau/contestations/", "/bureau/demandes/")
CLERK = ("/admin/relays/mandate/a-approuver/",)
PAGES = [
    *(("", path) for path in NOBODY),
    *(("alice@example.org", path) for path in OWNER),
    *(("chloe@example.org", path) for path in ACCOUNTANT),
    *(("camille@example.org", path) for path in MANAGER),
    *(("sacha@example.org", path) for path in SUPPORT),
    *(("claude@example.org", path) for path in CLERK),
]


@pytest.mark.parametrize(("size", "scheme"), [(DESKTOP, "light"), (PHONE, "dark")], ids=["desktop light", "phone dark"])
@pytest.mark.parametrize("who", list(dict.fromkeys(email for email, _ in PAGES)), ids=lambda email: email.partition("@")[0] or "nobody")
def test_axe_finds_nothing(visit: Callable[..., Page], site: Site, who: str, size: dict[str, int], scheme: str) -> None:
    page = visit(who, size=size, scheme=scheme)
    found = []
    for email, path in PAGES:
        if email != who:
            continue
        page.goto(path.format(invoice=site.invoice, shop=site.shop, month=site.month_before))
        results = Axe().run(page, options=RULES)
        found += [f"{path}: {v['id']}: {v['help']}: {[n['html'][:120] for n in v['nodes']]}" for v in results.response["violations"]]
        if page.evaluate("document.documentElement.scrollWidth > document.documentElement.clientWidth"):
            found.append(f"{path}: scrolls sideways")
    assert not found, "\n".join(found)
