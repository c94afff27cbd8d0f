"""Entering the words of a mandate that was signed on paper: a page of the admin, for clerks, once for each version."""

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import URLPattern, path, reverse
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods

from relays import access, wording
from relays.models import MandateText
from selfbilling.errors import Refused


class Words(forms.Form):
    """The text as it was signed, and its delay."""

    body = forms.CharField(
        label=gettext_lazy("The text"),
        help_text=gettext_lazy("Word for word as the relays signed it."),
        max_length=50_000,
        widget=forms.Textarea(attrs={"rows": 18}),
        error_messages={"required": gettext_lazy("Enter the words of the mandate first.")},
    )
    contest_days = forms.IntegerField(
        label=gettext_lazy("Days to contest"),
        help_text=gettext_lazy("Calendar days from the issue date, as the text says. Empty: it sets no delay, and silence never accepts."),
        required=False,
        min_value=1,
        max_value=365,
        widget=forms.NumberInput(attrs={"class": "short", "inputmode": "numeric"}),
    )


class Worded(admin.ModelAdmin[Any]):
    """What the admin of mandate texts can do besides looking."""

    def get_urls(self) -> list[URLPattern]:
        """The page where the words are entered."""
        page = self.admin_site.admin_view(require_http_methods(["GET", "HEAD", "POST"])(self.enter))
        return [path("<int:text_id>/texte/", page, name="relays_mandatetext_words"), *super().get_urls()]

    @admin.display(description=gettext_lazy("The text"))
    def words(self, text: MandateText) -> str:
        """Whether the words are there; a link to enter them where they are not."""
        if text.body:
            return _("entered")
        return format_html('<a href="{}">{}</a>', reverse("admin:relays_mandatetext_words", args=[text.pk]), _("Enter it"))

    def enter(self, request: HttpRequest, text_id: int) -> HttpResponse:
        """Enter the words, for good."""
        person: Any = request.user
        if not access.is_of(person, "clerks"):
            raise PermissionDenied
        text = get_object_or_404(MandateText, pk=text_id)
        form, refused, status = Words(initial={"contest_days": text.contest_days}), "", 200
        if request.method == "POST":
            form, status = Words(request.POST), 422
            if form.is_valid():
                try:
                    wording.enter(text_id=text.pk, by=person, **form.cleaned_data)
                except Refused as refusal:
                    refused, status = str(refusal), 409
                else:
                    messages.success(request, _("The text of %(version)s is entered.") % {"version": text.version})
                    return redirect("admin:relays_mandatetext_changelist")
        said = {"text": text, "form": form, "refused": refused, "mandates": text.mandates.count()}
        return render(request, "relays/admin/wording.html", said, status=status)
