"""The document of a mandate: the scan of the signed sheet beside the facts to check, filing one, the copy; for clerks."""

from typing import Any

from csp.decorators import csp_update
from django import forms
from django.contrib import admin, messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import URLPattern, path
from django.utils import timezone
from django.utils.decorators import method_decorator
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.clickjacking import xframe_options_sameorigin
from django.views.decorators.http import require_http_methods, require_safe

from relays import access, copying, filing
from relays.admin.queue import clerk_of, waiting
from relays.models import Mandate, MandateScan
from selfbilling.errors import Refused
from selfbilling.files import CheckedFile
from selfbilling.handing_out import to_save, to_show


class Scan(forms.Form):
    """The file."""

    file = CheckedFile(
        label=gettext_lazy("The scan of the signed sheet"),
        help_text=gettext_lazy("All its pages in one PDF, or a photo (JPEG, PNG); 10 MB at most."),
        error_messages={
            "required": gettext_lazy("Choose a file first."),
            "empty": gettext_lazy("This file is empty."),
            "invalid": gettext_lazy("This file did not arrive. Choose it again."),
            "missing": gettext_lazy("This file did not arrive. Choose it again."),
        },
    )


class Documented(admin.ModelAdmin[Any]):
    """What the mandates' admin can do with their documents."""

    change_form_template = "relays/admin/mandate_page.html"

    def changeform_view(
        self, request: HttpRequest, object_id: str | None = None, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> Any:
        """The mandate's page, with the way to its document for clerks."""
        person: Any = request.user
        said = {**(extra_context or {}), "has_document": access.is_of(person, "clerks")}
        return super().changeform_view(request, object_id, form_url, said)

    def get_urls(self) -> list[URLPattern]:
        """The page, its scans, the copy."""
        site, both = self.admin_site.admin_view, require_http_methods(["GET", "HEAD", "POST"])
        under = "<int:mandate_id>/document/"
        return [
            path(under, site(both(self.document)), name="relays_mandate_document"),
            path(f"{under}scans/<int:scan_id>/", site(require_safe(self.scan)), name="relays_mandate_scan"),
            path(f"{under}copie.pdf", site(require_safe(self.copy)), name="relays_mandate_copy"),
            *super().get_urls(),
        ]

    @method_decorator(csp_update({"frame-src": ["'self'"]}))
    def document(self, request: HttpRequest, mandate_id: int) -> HttpResponse:
        """Look at the scan beside the facts; file one, or a better one."""
        clerk = clerk_of(request)
        mandate = get_object_or_404(filing.with_scans(access.clerk_mandates(clerk)), pk=mandate_id)
        form, refused, status = Scan(), "", 200
        if request.method == "POST":
            form, status = Scan(request.POST, request.FILES), 422
            if form.is_valid():
                try:
                    filing.file_scan(mandate_id=mandate_id, file=form.cleaned_data["file"], by=clerk)
                except Refused as refusal:
                    refused, status = str(refusal), 409
                else:
                    messages.success(request, _("The scan is filed with the mandate of %(relay)s.") % {"relay": mandate.relay})
                    return redirect("admin:relays_mandate_document", mandate_id)
        said = {"row": waiting([mandate], clerk)[0], "scans": mandate.scans.all(), "form": form, "refused": refused}
        return render(request, "relays/admin/document.html", said, status=status)

    @method_decorator(xframe_options_sameorigin)
    def scan(self, request: HttpRequest, mandate_id: int, scan_id: int) -> HttpResponse:
        """A scan, as it came, to look at."""
        clerk_of(request)
        found = get_object_or_404(MandateScan.objects.select_related("mandate__relay"), mandate_id=mandate_id, pk=scan_id)
        return to_show(bytes(found.data), name=filing.file_name(found), content_type=found.content_type)

    def copy(self, request: HttpRequest, mandate_id: int) -> HttpResponse:
        """The copy to read, as the relay's people get it."""
        mandate: Mandate = get_object_or_404(access.clerk_mandates(clerk_of(request)), pk=mandate_id)
        made = copying.copy(mandate, on=timezone.localdate())
        return to_save(made, name=copying.copy_name(mandate), content_type="application/pdf")
