"""The page on which the desk resets a lost second factor: the admin's door and support's both lead here."""

from allauth.mfa.models import Authenticator
from django import forms
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from relays import resetting_second_factor
from relays.models import Person
from relays.portal.asking import PersonRequest, too_often
from relays.resetting_second_factor import LIMIT
from selfbilling.errors import Refused

_KINDS = {
    Authenticator.Type.TOTP: gettext_lazy("An app on the phone"),
    Authenticator.Type.WEBAUTHN: gettext_lazy("A passkey"),
    Authenticator.Type.RECOVERY_CODES: gettext_lazy("Recovery codes"),
}


class Reason(forms.Form):
    """Why, for the journal."""

    reason = forms.CharField(
        label=gettext_lazy("Why, and how you made sure that it is them"),
        help_text=gettext_lazy("For example: phone lost, called back at the number that we have. It stays in the journal."),
        max_length=300,
        widget=forms.Textarea(attrs={"rows": 3}),
        error_messages={"required": gettext_lazy("Say why, and how you made sure that it is them.")},
    )


def page(request: PersonRequest, *, whom: Person, back: str, back_to: str) -> HttpResponse:
    """Ask, then reset and tell. back: the address to go on to, back_to: what it is called."""
    form, refused, status = Reason(), _refused(whom=whom, by=request.user), 200
    if request.method == "POST":
        wait = too_often(request, LIMIT)
        if wait is not None:
            return wait
        form, status = Reason(request.POST), 409 if refused else 422
        if not refused and form.is_valid():
            try:
                _say(request, resetting_second_factor.reset(person_id=whom.pk, by=request.user, **form.cleaned_data))
            except Refused as why:
                refused, status = str(why), 409
            else:
                return redirect(back)
    kinds = [_KINDS[Authenticator.Type(kind)] for kind in resetting_second_factor.kinds_of(whom)]
    said = {"whom": whom, "kinds": kinds, "form": form, "refused": refused, "back": back, "back_to": back_to}
    return render(request, "relays/portal/lost_factor.html", said, status=status)


def _refused(*, whom: Person, by: Person) -> str:
    """Why it will be refused, before anything is asked; "": it will not."""
    try:
        resetting_second_factor.permit(whom=whom, by=by)
    except Refused as why:
        return str(why)
    return ""


def _say(request: PersonRequest, reset: Person) -> None:
    said = {"who": reset.get_full_name(), "address": reset.email}
    if resetting_second_factor.tell(reset):
        messages.success(request, _("The second key of %(who)s is reset; %(address)s was told.") % said)
    else:
        messages.warning(request, _("The second key of %(who)s is reset, but the e-mail could not be sent: call them.") % said)
