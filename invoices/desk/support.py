"""Support's first page: one box to find a relay, and what waits for an answer; a relay's page: its whole story."""

from typing import Any

from django.core.paginator import Page, Paginator
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_safe

from invoices import access
from invoices.desk import acts, support_journal, support_people, support_search
from invoices.desk.disputes import rows as dispute_rows
from invoices.desk.gate import desk
from invoices.desk.parts import is_asked, page_or_part
from invoices.desk.support_event import Event
from invoices.desk.support_requests import rows as request_rows
from invoices.desk.support_told_of_invoices import of_invoices
from invoices.desk.support_told_of_relay import of_relay
from invoices.models import Dispute
from invoices.period import today
from relays.access import desk_relays, desk_requests, is_of
from relays.models import Relay
from relays.opting_in import opted_in
from relays.portal.asking import PersonRequest
from relays.portal.asking import of_relay as shop_of
from selfbilling.models import JournalEntry

_FIRST = 10
_A_PAGE = 50


@require_safe
@desk("support")
def support(request: PersonRequest) -> HttpResponse:
    """Search, while it is typed where there is JavaScript; without a question, what waits, the most urgent first."""
    sought = request.GET.get("q", "").strip()
    found: list[support_search.Hit] = []
    if sought:
        found = support_search.search(sought, relays=desk_relays(request.user), invoices=access.desk_invoices(request.user))
        if len(found) == 1 and not is_asked(request):  # nobody is taken away from what they still type
            return redirect("desk:relay", found[0].relay.code)
    said: dict[str, Any] = {"sought": sought, "found": found, "is_cut": len(found) == support_search.AT_MOST}
    if not sought:
        disputes = access.desk_disputes(request.user).filter(state=Dispute.State.OPEN).order_by("answer_by", "pk")
        asked = desk_requests(request.user).filter(answered_at=None).order_by("at", "pk")
        said |= {
            "disputes": dispute_rows(disputes[:_FIRST]),
            "disputes_in_all": disputes.count(),
            "late": disputes.filter(answer_by__lt=today()).count(),
            "asked": request_rows(asked[:_FIRST]),
            "asked_in_all": asked.count(),
            "today": today(),
        }
    return page_or_part(request, page="invoices/desk/support.html", part="invoices/desk/support_found.html", said=said)


@require_safe
@desk("support", "billing")
def relay(request: PersonRequest, code: str) -> HttpResponse:
    """A relay: who it is today, and its story, the latest first; or the journal's rows about it."""
    its = get_object_or_404(desk_relays(request.user), code=code)
    in_journal = "journal" in request.GET
    page = request.GET.get("page")
    said = {
        "shop": shop_of(its),
        "relay": its,
        "members": support_people.members(its),
        "by_email": bool(opted_in(today(), [its.pk])),
        "look_only": not is_of(request.user, "support"),
        "in_journal": in_journal,
        "page": _journal(its, page) if in_journal else _story(its, page),
    }
    return render(request, "invoices/desk/relay.html", said)


def _story(its: Relay, page: str | None) -> Page[Event]:
    events = sorted([*of_relay(its), *of_invoices(its)], key=lambda event: event.moment)[::-1]
    return Paginator(events, _A_PAGE).get_page(page)


def _journal(its: Relay, page: str | None) -> Page[JournalEntry]:
    found = Paginator(support_journal.of_relay(its), _A_PAGE).get_page(page)
    for entry in found:
        entry.said = acts.named(entry.act)  # type: ignore[attr-defined]
        entry.door = acts.door(entry.through)  # type: ignore[attr-defined]
        entry.on_what = acts.on_what(entry.subject)  # type: ignore[attr-defined]
        entry.more = acts.details(entry.detail)  # type: ignore[attr-defined]
    return found
