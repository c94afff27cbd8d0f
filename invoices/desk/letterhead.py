"""The operator's paper: logo, colour, texts, annex; tried as a PDF before it is kept."""

import base64
from collections.abc import Callable
from typing import TypeVar

from django import forms
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods

from invoices import letterheads
from invoices.desk.gate import desk
from invoices.models import Letterhead
from relays.portal.asking import PersonRequest
from selfbilling.errors import Refused
from selfbilling.files import CheckedFile

Given = TypeVar("Given")
Kept = TypeVar("Kept")


class LetterheadForm(forms.Form):
    """What may be on it; nothing is needed."""

    logo = CheckedFile(
        label=gettext_lazy("Logo"),
        help_text=gettext_lazy("PNG or JPEG, 500 kB at most; it is printed 15 mm high or 60 mm wide. Empty: the one in use stays."),
        required=False,
        widget=forms.FileInput(attrs={"accept": "image/png,image/jpeg"}),
    )
    without_logo = forms.BooleanField(label=gettext_lazy("Without a logo"), required=False)
    colour = forms.CharField(
        label=gettext_lazy("Colour of titles and rules"),
        help_text=gettext_lazy("For example #0b5d4b. Empty: black."),
        required=False,
        widget=forms.TextInput(attrs={"class": "short", "autocomplete": "off", "spellcheck": "false"}),
    )
    slogan = forms.CharField(label=gettext_lazy("A line under the logo"), required=False, max_length=80)
    footer = forms.CharField(
        label=gettext_lazy("Text at the foot"),
        help_text=gettext_lazy("Above the small print: opening hours, for example."),
        required=False,
        max_length=400,
        widget=forms.Textarea(attrs={"rows": 3}),
    )
    daily_annex = forms.BooleanField(
        label=gettext_lazy("Add the counts of each day as an annex"),
        help_text=gettext_lazy("One more page for most relays, and one more sheet for those on paper."),
        required=False,
    )

    def clean_logo(self) -> bytes | None:
        """The picture as it would be kept; None: none was sent."""
        file = self.cleaned_data["logo"]
        return None if file is None else _cleaned(letterheads.logo, file)

    def clean_colour(self) -> str:
        """Dark enough to be read."""
        return _cleaned(letterheads.colour, self.cleaned_data["colour"])

    def letterhead(self, *, now: Letterhead | None) -> Letterhead:
        """What was typed, as a row that is not saved. now: the one in use, whose logo may stay."""
        said = self.cleaned_data
        kept = bytes(now.logo) if now and not said["without_logo"] else b""
        others = {field: said[field] for field in ("colour", "slogan", "footer", "daily_annex")}
        return Letterhead(logo=said["logo"] or kept, **others)


def _cleaned(look: Callable[[Given], Kept], value: Given) -> Kept:
    """A refusal is said beside the field."""
    try:
        return look(value)
    except Refused as refused:
        raise ValidationError(str(refused)) from refused


@require_http_methods(["GET", "HEAD", "POST"])
@desk("billing")
def letterhead(request: PersonRequest) -> HttpResponse:
    """The form with what is in use; what is typed as a PDF (the button « Look at it »), or kept."""
    now = letterheads.in_use()
    if request.method != "POST":
        initial = {} if now is None else {field: getattr(now, field) for field in ("colour", "slogan", "footer", "daily_annex")}
        return _page(request, LetterheadForm(initial=initial), now=now)
    form = LetterheadForm(request.POST, request.FILES)
    if not form.is_valid():
        return _page(request, form, now=now, status=422)
    typed = form.letterhead(now=now)
    if "look" in request.POST:
        return HttpResponse(letterheads.preview(typed), content_type="application/pdf")
    letterheads.keep(typed, by=request.user)
    messages.success(request, _("Kept: invoices issued from now on have it."))
    return redirect("desk:letterhead")


def _page(request: PersonRequest, form: LetterheadForm, *, now: Letterhead | None, status: int = 200) -> HttpResponse:
    logo = f"data:image/png;base64,{base64.b64encode(now.logo).decode()}" if now and now.logo else ""
    return render(request, "invoices/desk/letterhead.html", {"form": form, "now": now, "logo": logo}, status=status)
