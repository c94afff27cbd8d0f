"""Anyone who has a file may ask whether it is an invoice of ours, unchanged since it was sealed."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import UploadedFile
from django.core.files.uploadhandler import MemoryFileUploadHandler
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.views.decorators.csrf import csrf_exempt, csrf_protect
from django.views.decorators.http import require_http_methods

from invoices.desk.support_told_of_invoices import LEVELS
from invoices.proving import CannotJudgeNow, Proof, prove
from invoices.sealing.confined import LARGEST
from relays.portal.asking import wait_page
from selfbilling.doors import address_of
from selfbilling.limits import Limit

_FORM_AROUND = 2**20  # bytes of a request beside its file: far more than any browser sends
_FILES = Limit(name="verify", times=20, seconds=60)
_NUMBER = 35  # characters
_TOO_LARGE = _("This file is larger than 10 MB: no invoice of ours is. Choose the PDF that you received.")


class InMemory(MemoryFileUploadHandler):
    """What is uploaded stays in this process's memory, however large: the view has looked at its size. Nothing of it meets a disk."""

    def handle_raw_input(self, *_args: Any, **_options: Any) -> None:
        """Take it, in any case."""
        self.activated = True


class VerifyForm(forms.Form):
    """One file."""

    file = forms.FileField(
        label=_("The invoice, as a PDF"),
        help_text=_("The file itself, as you received it: not a scan, nor a copy printed again. 10 MB at most. We keep nothing of it."),
        widget=forms.ClearableFileInput(attrs={"accept": "application/pdf,.pdf"}),
        error_messages={"required": _("Choose the file to verify."), "empty": _("This file is empty. Choose the PDF that you received.")},
    )

    def clean_file(self) -> UploadedFile[Any]:
        """At most 10 MB."""
        file: UploadedFile[Any] = self.cleaned_data["file"]
        if (file.size or 0) > LARGEST:
            raise ValidationError(_TOO_LARGE)
        return file


@csrf_exempt  # so that the size is looked at, and where the file may go is said, before the body is read; the rest is protected
@require_http_methods(["GET", "HEAD", "POST"])
def verify(request: HttpRequest) -> HttpResponse:
    """The form and, once a file came, its verdict."""
    if request.method == "POST":
        if int(request.META.get("CONTENT_LENGTH") or 0) > LARGEST + _FORM_AROUND:
            return _page(request, VerifyForm(label_suffix=""), error=_TOO_LARGE, status=413)
        request.upload_handlers = [InMemory(request)]
    return _verify(request)


@csrf_protect
def _verify(request: HttpRequest) -> HttpResponse:
    if request.method != "POST":
        return _page(request, VerifyForm(label_suffix=""))
    wait = wait_page(request, seconds=_FILES.seconds_to_wait(address_of(request)))
    if wait:
        return wait
    form = VerifyForm(request.POST, request.FILES, label_suffix="")
    if not form.is_valid():
        return _page(request, form, status=422)
    try:
        proof = prove(form.cleaned_data["file"].read())
    except CannotJudgeNow as error:
        return _page(request, form, error=str(error), status=503)
    return _page(request, VerifyForm(label_suffix=""), proof=proof)


def _page(
    request: HttpRequest, form: VerifyForm, *, proof: Proof | None = None, error: str | Promise = "", status: int = 200
) -> HttpResponse:
    expected = request.GET.get("numero", "")[:_NUMBER]
    said: dict[str, Any] = {"form": form, "expected": expected, "proof": proof, "error": error}
    if proof is not None:
        document = proof.document
        said["another"] = bool(document and expected and document.invoice.number != expected)
        said["level"] = LEVELS[proof.verdict.level] if proof.verdict.level else ""
    return render(request, "invoices/public/verify.html", said, status=status)
