"""The billing manager's month: where it stands, what it says, what to do next."""

from decimal import Decimal
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from invoices import announcing, approving, asking, held_because, holding, overview, sampling, working
from invoices.desk import acts, chart
from invoices.desk.gate import desk
from invoices.desk.parts import page_or_part
from invoices.models import Draft, Hold, Run, Work
from invoices.period import Period, today
from invoices.register import held_now
from invoices.standing import standing
from invoices.templatetags import figures
from relays.models import Relay
from relays.portal.asking import PersonRequest
from selfbilling.celery import hurry, workers_answer
from selfbilling.errors import Refused
from selfbilling.models import JournalEntry


def the_month(name: str) -> Period:
    """The month of an address; another is not found."""
    try:
        return Period.named(name)
    except ValueError:
        raise Http404 from None


@require_GET
@desk("billing")
def latest(request: HttpRequest) -> HttpResponse:
    """The month that ended last."""
    return redirect("desk:month_of", str(Period(today().replace(day=1)).previous))


@require_GET
@desk("billing")
def month(request: PersonRequest, name: str) -> HttpResponse:
    """The whole month on one page."""
    return _page(request, the_month(name))


def _page(request: PersonRequest, period: Period, *, refusal: str = "") -> HttpResponse:
    found = overview.overview(period)
    email = overview.email_months(period)
    run = found.run
    context = {
        "period": period,
        "earlier": period.previous,
        "later": period.next if period.next.first <= today() else None,
        "standing": standing(period),
        "overview": found,
        "work": Work.objects.filter(period=period.first).order_by("-pk").first(),
        "may_approve": run is not None and run.state == Run.State.DRAFTED and run.drafted_by_id != request.user.pk,
        "held": [_with_hold(one, period) for one in list(held_now(period))[:200]],
        "odd": overview.odd_drafts(run) if run else [],
        "samples": overview.sample(run) if run else [],
        "services_chart": chart.bars([(s.label if s.code else _("Adjustments"), s.nets) for s in found.services]),
        "email_months": email,
        "email_chart": chart.bars([(figures.month(one.period), [Decimal(one.share)]) for one in email], whole=Decimal(100)),
        "saved": sum((one.saved for one in email), Decimal("0.00")),
        "certificates": announcing.ending(),
        "journal": _journal(period),
        "refusal": refusal,
    }
    return render(request, "invoices/desk/month.html", context, status=409 if refusal else 200)


def _with_hold(held: Any, period: Period) -> Any:
    """The held relay, with why in the reader's words, and the hold of a person on it."""
    held.why = held_because.in_words(held.detail)
    held.by_rule = held.reason == "document_rejected" and held.why == held.detail and "BR-FR" not in held.detail
    held.by_person = Hold.objects.filter(relay=held.relay, period=period.first).first() if held.reason == "anomaly" else None
    return held


def _journal(period: Period) -> list[tuple[JournalEntry, str, str]]:
    """What was done with the month, newest first: (entry, the act, the door and whose it was)."""
    runs = Run.objects.filter(period=period.first).values_list("pk", flat=True)
    subjects = [f"month:{period}", *(f"run:{pk}" for pk in runs)]
    entries = JournalEntry.objects.filter(subject__in=subjects).select_related("by").order_by("-at", "-pk")[:30]
    return [(entry, acts.named(entry.act), acts.door(entry.through)) for entry in entries]


_COMMANDS = {"bill": Work.Act.BILL, "issue": Work.Act.ISSUE, "deliver": Work.Act.DELIVER}


@require_http_methods(["GET", "POST"])
@desk("billing")
def ask(request: PersonRequest, name: str, act: str) -> HttpResponse:
    """Confirm, then ask a worker to bill, issue or deliver."""
    period = the_month(name)
    if act not in _COMMANDS:
        raise Http404
    if request.method == "GET":
        context = {"period": period, "act": act, "standing": standing(period), "relays": overview.overview(period).relays}
        return render(request, "invoices/desk/month_confirm.html", context)
    try:
        work = asking.ask(period, act=_COMMANDS[act], by=request.user)
    except Refused as refusal:
        return _page(request, period, refusal=str(refusal))
    hurry("invoices.tasks.work", work.pk)
    return redirect("desk:live", name)


@require_http_methods(["GET", "POST"])
@desk("billing")
def approve(request: PersonRequest, name: str) -> HttpResponse:
    """Confirm, then approve the drafts, as another person than who billed."""
    period = the_month(name)
    if request.method == "GET":
        context = {"period": period, "act": "approve", "standing": standing(period), "relays": overview.overview(period).relays}
        return render(request, "invoices/desk/month_confirm.html", context)
    try:
        approving.approve(period, by=request.user)
    except Refused as refusal:
        return _page(request, period, refusal=str(refusal))
    messages.success(request, _("Approved: these drafts are frozen. They can be issued."))
    return redirect("desk:month_of", name)


@require_GET
@desk("billing")
def live(request: PersonRequest, name: str) -> HttpResponse:
    """How far it is; a part of the page renews itself until there is nothing to wait for."""
    period = the_month(name)
    work = Work.objects.filter(period=period.first).order_by("-pk").first()
    found = standing(period)
    to_archive, to_mail = working.to_archive(period), working.to_mail(period)
    startable = to_archive.filter(not_before=None).exists() or to_mail.filter(not_before=None).exists()
    busy = bool(work and work.ended_at is None) or startable
    context = {
        "period": period,
        "work": work,
        "standing": found,
        "to_archive": to_archive.count(),
        "to_mail": to_mail.count(),
        "errors": overview.errors_by_cause(period),
        "busy": busy,
        "nobody": busy and not workers_answer(),
        **_pace(work, done=found.archived if work and work.act == Work.Act.ISSUE else 0),
    }
    return page_or_part(request, page="invoices/desk/month_live.html", part="invoices/desk/month_live_part.html", said=context)


def _pace(work: Work | None, *, done: int) -> dict[str, Any]:
    """The rate a minute and the minutes left of what is being done."""
    if work is None or work.started_at is None or not work.total:
        return {"rate": None, "left": None}
    counted = done if work.ended_at else work.done
    seconds = (work.ended_at or timezone.now()).timestamp() - work.started_at.timestamp()
    if counted == 0 or seconds <= 0:
        return {"rate": None, "left": None}
    rate = counted * 60 / seconds
    return {"rate": round(rate), "left": round((work.total - counted) / rate, 1) if work.total > counted else None}


@require_POST
@desk("billing")
def retry(request: PersonRequest, name: str) -> HttpResponse:
    """What was put off is tried again at once."""
    period = the_month(name)
    for rows, task in ((working.to_archive(period), "invoices.tasks.seal"), (working.to_mail(period), "invoices.tasks.mail")):
        rows.update(not_before=None, last_error="")
        for chunk in working.chunks(list(rows.values_list("invoice_id", flat=True))):
            hurry(task, chunk)
    return redirect("desk:live", name)


@require_GET
@desk("billing")
def sample(request: HttpRequest, draft_id: int) -> HttpResponse:
    """A draft as PDF, marked PROJET."""
    draft = get_object_or_404(Draft.objects.select_related("relay"), pk=draft_id)
    try:
        pdf = sampling.as_pdf(draft)
    except Refused as refusal:
        return render(request, "invoices/desk/month_refused.html", {"refusal": str(refusal)}, status=409)
    name = f'inline; filename="projet-{draft.relay.code}.pdf"'
    return HttpResponse(pdf, content_type="application/pdf", headers={"Content-Disposition": name, "Cache-Control": "no-store"})


@require_POST
@desk("billing")
def hold(request: PersonRequest, name: str) -> HttpResponse:
    """Hold a relay's month as an anomaly."""
    period = the_month(name)
    relay = get_object_or_404(Relay, code=request.POST.get("relay", ""))
    why = request.POST.get("why", "").strip()
    if not why:
        return _page(request, period, refusal=_("Say why this relay is held: the reason stands in the list."))
    try:
        holding.hold(relay=relay, month=period.first, why=why[:300], by=request.user)
    except Refused as refusal:
        return _page(request, period, refusal=str(refusal))
    messages.success(request, _("%(relay)s is held: the next billing leaves it out, and so does issuing.") % {"relay": relay.code})
    return redirect("desk:month_of", name)


@require_POST
@desk("billing")
def let_go(request: PersonRequest, name: str, hold_id: int) -> HttpResponse:
    """Let a held relay go."""
    held = get_object_or_404(Hold.objects.select_related("relay"), pk=hold_id, period=the_month(name).first)
    holding.let_go(held, by=request.user)
    messages.success(request, _("%(relay)s is no longer held: the next billing drafts it.") % {"relay": held.relay.code})
    return redirect("desk:month_of", name)
