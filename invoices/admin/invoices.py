"""Issued invoices, with the sealed file to download."""

from typing import ClassVar

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import URLPattern, path, reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString

from invoices import production
from invoices.models import Document, Invoice, InvoiceLine, VatTotal
from selfbilling.looking import Looked, LookOnly


class LineInline(Looked):
    """Its lines."""

    model = InvoiceLine
    fields = ("position", "label", "quantity", "unit_price", "category", "rate", "net")


class VatInline(Looked):
    """Its VAT."""

    model = VatTotal


class DocumentInline(Looked):
    """Its sealed files."""

    model = Document
    fields = (
        *("level", "pades", "sealed_at", "timestamped_at", "timestamped_by", "timestamp_ends"),
        *("key_home", "certificate_sha256", "sha256", "size", "file"),
    )
    readonly_fields = ("file",)

    @admin.display(description="PDF")
    def file(self, document: Document) -> SafeString:
        """A link to the sealed bytes."""
        return format_html('<a href="{}">PDF</a>', reverse("admin:invoices_document_file", args=[document.pk]))


@admin.register(Invoice)
class InvoiceAdmin(LookOnly):
    """Invoices; final, so there is nothing to edit."""

    list_display = ("number", "relay", "issue_date", "net", "vat", "gross", "channel")
    list_filter = ("period", "channel")
    list_select_related = ("relay",)
    search_fields = ("number", "relay__code")
    inlines: ClassVar = [LineInline, VatInline, DocumentInline]

    def get_urls(self) -> list[URLPattern]:
        """The admin's own pages and the sealed file."""
        download = path("document/<int:document_id>.pdf", self.admin_site.admin_view(self.file), name="invoices_document_file")
        return [download, *super().get_urls()]

    def file(self, request: HttpRequest, document_id: int) -> HttpResponse:
        """The sealed bytes, as they were sealed."""
        document = get_object_or_404(Document.objects.select_related("invoice"), pk=document_id)
        if not self.has_view_permission(request, document.invoice):
            raise PermissionDenied
        name = f'attachment; filename="{document.invoice.number}.pdf"'
        return HttpResponse(production.original(document), content_type="application/pdf", headers={"Content-Disposition": name})
