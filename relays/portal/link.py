"""A one-time link instead of a password: asked for, looked at, used."""

from typing import Any

from allauth.account.internal.flows.login import perform_login, record_authentication
from allauth.account.models import Login
from allauth.account.utils import get_next_redirect_url
from allauth.core import ratelimit
from django.contrib.auth import logout
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from relays import signing_in
from relays.letters import MailServerAway
from relays.portal.forms import AskForLink


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
def ask(request: HttpRequest) -> HttpResponse:
    """One field; the answer is the same whether anybody has an account under that address."""
    form = AskForLink(request.POST if request.method == "POST" else None, initial={"email": request.GET.get("email", "")})
    if request.method != "POST":
        return render(request, "account/ask_for_link.html", {"form": form})
    if not form.is_valid():
        return render(request, "account/ask_for_link.html", {"form": form}, status=422)
    email: str = form.cleaned_data["email"]
    if not ratelimit.consume(request, action="ask_for_link", key=email.lower()):
        return _too_many(request)
    try:
        signing_in.send_link(email)
    except MailServerAway as away:
        form.add_error(None, str(away))
        return render(request, "account/ask_for_link.html", {"form": form}, status=503)
    return redirect("sign_in_link_sent")


@require_safe
def sent(request: HttpRequest) -> HttpResponse:
    """Where to look, and what to do if nothing comes."""
    return render(request, "account/link_sent.html", {"minutes": signing_in.LINK_MINUTES})


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
def use(request: HttpRequest, token: str) -> HttpResponse:
    """A page with one button; only the button signs in, for programs that read mail follow links too."""
    try:
        person = signing_in.person_of_link(token)
        if request.method != "POST":
            return render(request, "account/use_link.html", {"person": person, "token": token})
        if not ratelimit.consume(request, action="use_link"):
            return _too_many(request)
        person = signing_in.use_link(token)
    except signing_in.LinkIsDead as dead:
        status = 409 if request.method == "POST" else 410
        return render(request, "account/dead_link.html", {"why": str(dead), "form": AskForLink()}, status=status)
    if request.user.is_authenticated and request.user.pk != person.pk:
        logout(request)
    record_authentication(request, person, method="link", email=person.email)
    answer: Any = perform_login(request, Login(user=person, email=person.email, redirect_url=get_next_redirect_url(request)))
    return answer  # type: ignore[no-any-return]


def _too_many(request: HttpRequest) -> HttpResponse:
    return render(request, "429.html", status=429)
