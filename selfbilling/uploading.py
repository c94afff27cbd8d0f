"""A door for the operator's files: choose one, see what it would do, then import exactly that; the same path as the commands.

A page of the admin mixes this in, names its files (uploads) and says who may (may_upload).
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import URLPattern, path, reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_http_methods, require_safe

from selfbilling.errors import Unavailable
from selfbilling.tabular import keeping, saying
from selfbilling.tabular.importing import LISTED, Counts, Judge, MovedOn, Preview, look, set_bad_rows_aside, take_as_seen
from selfbilling.tabular.reading import BadFile, Table

_A_PAGE = 50
_SPREADSHEETS = (b"PK\x03\x04", b"\xd0\xcf\x11\xe0")  # .xlsx, .ods; .xls


@dataclass(frozen=True, slots=True, kw_only=True)
class Upload:
    """A kind of file. kind: in the address; judge: for whoever uploads; labels: of its columns.

    sentences: what its judge finds wrong, to be translated; at_most: bytes; then: what happens after the import, or "".
    """

    kind: str
    title: Any
    hint: Any
    table: Table[Any]
    judge: Callable[[Any], Judge]
    labels: Mapping[str, Any]
    sentences: tuple[str, ...] = ()
    at_most: int = 20_000_000
    then: Any = ""


class Chosen(forms.Form):
    """The file."""

    file = forms.FileField(
        label=gettext_lazy("The file"),
        widget=forms.FileInput(attrs={"accept": ".csv,text/csv"}),
        error_messages={
            "required": gettext_lazy("Choose a file first."),
            "empty": gettext_lazy("This file is empty."),
            "invalid": gettext_lazy("This file did not arrive. Choose it again."),
            "missing": gettext_lazy("This file did not arrive. Choose it again."),
        },
    )

    def __init__(self, *args: Any, upload: Upload, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._upload = upload
        self.fields["file"].help_text = _(
            "CSV, UTF-8, %(megabytes)s MB at most. Nothing is written before you have seen what it would do."
        ) % {"megabytes": upload.at_most // 1_000_000}

    def clean_file(self) -> Any:
        """Not too large, and no spreadsheet."""
        file: Any = self.cleaned_data["file"]
        if file.size > self._upload.at_most:
            said = _("This file is larger than %(megabytes)s MB: import it in parts, or on the command line.")
            raise forms.ValidationError(said % {"megabytes": self._upload.at_most // 1_000_000})
        if file.read(4).startswith(_SPREADSHEETS):
            raise forms.ValidationError(_("This is a spreadsheet, not a CSV file. Save it as “CSV UTF-8” and choose that file."))
        file.seek(0)
        return file


class Uploading(admin.ModelAdmin[Any]):
    """What an admin can do with the operator's files."""

    uploads: ClassVar[tuple[Upload, ...]] = ()
    change_list_template = "admin/with_uploads.html"

    def may_upload(self, request: HttpRequest) -> bool:
        """Whether this person may: each floor says."""
        raise NotImplementedError

    def get_urls(self) -> list[URLPattern]:
        """The kinds of files; one to choose; what it would do; its bad rows."""
        site, both = self.admin_site.admin_view, require_http_methods(["GET", "HEAD", "POST"])
        kept = "importer/<slug:kind>/<slug:sha256>/"
        return [
            path("importer/", site(require_safe(self.kinds)), name=self._name("uploads")),
            path("importer/<slug:kind>/", site(both(self.choose)), name=self._name("upload")),
            path(kept, site(both(self.look_and_take)), name=self._name("preview")),
            path(f"{kept}rejets.csv", site(require_safe(self.bad_rows)), name=self._name("bad_rows")),
            *super().get_urls(),
        ]

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> Any:
        """The list, with the way to its files for those who may."""
        address = reverse(f"admin:{self._name('uploads')}") if self.may_upload(request) else ""
        return super().changelist_view(request, {**(extra_context or {}), "uploads_url": address})

    def kinds(self, request: HttpRequest) -> HttpResponse:
        """Which files may go in here."""
        self._let_in(request)
        kinds = [(self._address("upload", one.kind), one) for one in self.uploads]
        return render(request, "admin/uploads.html", {"kinds": kinds})

    def choose(self, request: HttpRequest, kind: str) -> HttpResponse:
        """Choose the file; it is kept for an hour, and nothing is written."""
        upload = self._upload(request, kind)
        form = Chosen(request.POST, request.FILES, upload=upload) if request.method == "POST" else Chosen(upload=upload)
        if request.method == "POST" and form.is_valid():
            sha256 = _keep(form.cleaned_data["file"], upload=upload, request=request)
            file = _kept(request, upload, sha256)
            try:
                for _row in upload.table.file(file).rows() if file else ():
                    pass  # is it a table at all?
            except BadFile as bad:
                form.add_error("file", saying.of_file(bad, file))
            else:
                return redirect(self._address("preview", kind, sha256))
        said = {"upload": upload, "form": form, "back": self._address("uploads")}
        return render(request, "admin/upload.html", said, status=422 if request.method == "POST" else 200)

    def look_and_take(self, request: HttpRequest, kind: str, sha256: str) -> HttpResponse:
        """What the file would do; and, once that was seen, just that."""
        upload = self._upload(request, kind)
        file = _kept(request, upload, sha256)
        if file is None:
            messages.warning(request, _("That file is no longer here: it is kept for an hour. Choose it again."))
            return redirect(self._address("upload", kind))
        judge, refused, status = upload.judge(request.user), "", 200
        try:
            if request.method == "POST":
                try:
                    took = take_as_seen(judge, file, digest=request.POST.get("digest", ""), by=request.user)
                except (MovedOn, Unavailable) as error:
                    refused, status = str(error), 503 if isinstance(error, Unavailable) else 409
                else:
                    return self._taken(request, upload, file, took)
            seen = look(judge, file)
        except BadFile as bad:
            messages.error(request, saying.of_file(bad, file))
            return redirect(self._address("upload", kind))
        said = {**_said(request, upload, seen), "file": file.name, "refused": refused, "back": self._address("upload", kind)}
        return render(request, "admin/preview.html", {**said, "bad_rows_url": self._address("bad_rows", kind, sha256)}, status=status)

    def bad_rows(self, request: HttpRequest, kind: str, sha256: str) -> FileResponse:
        """The bad rows as a file, to be mended and imported: the cells as they are, with line and reason."""
        upload = self._upload(request, kind)
        file = _kept(request, upload, sha256)
        rejected = set_bad_rows_aside(upload.judge(request.user), file) if file else None
        if rejected is None:
            raise Http404
        return FileResponse(rejected.open("rb"), as_attachment=True, filename=rejected.name, content_type="text/csv; charset=utf-8")

    def _taken(self, request: HttpRequest, upload: Upload, file: Path, took: Counts) -> HttpResponse:
        rows = took.new + took.changed
        done = ngettext("%(count)s row imported.", "%(count)s rows imported.", rows) % {"count": rows}
        messages.success(request, f"{done} {upload.then}".strip())
        if took.bad:
            return redirect(request.path)  # what is left to mend
        keeping.drop(file)
        return redirect(self._address("uploads"))

    def _let_in(self, request: HttpRequest) -> None:
        if not self.may_upload(request):
            raise PermissionDenied

    def _upload(self, request: HttpRequest, kind: str) -> Upload:
        self._let_in(request)
        found = next((one for one in self.uploads if one.kind == kind), None)
        if found is None:
            raise Http404
        return found

    def _name(self, page: str) -> str:
        return f"{self.opts.app_label}_{self.opts.model_name}_{page}"

    def _address(self, page: str, *which: str) -> str:
        return reverse(f"admin:{self._name(page)}", args=which)


def _keep(file: Any, *, upload: Upload, request: HttpRequest) -> str:
    person: Any = request.user
    return keeping.keep(file.chunks(), name=file.name or "", kind=upload.kind, person_id=person.pk)


def _kept(request: HttpRequest, upload: Upload, sha256: str) -> Path | None:
    person: Any = request.user
    return keeping.kept(upload.kind, person_id=person.pk, sha256=sha256)


def _said(request: HttpRequest, upload: Upload, seen: Preview) -> dict[str, Any]:
    problems = [(row.line, one) for row in seen.bad for one in row.problems]
    changes_page = Paginator(seen.changes, _A_PAGE).get_page(request.GET.get("modifs"))
    bad_page = Paginator(problems, _A_PAGE).get_page(request.GET.get("rejets"))
    return {
        "upload": upload,
        "counts": seen.counts,
        "writes": seen.counts.new + seen.counts.changed,
        "digest": seen.digest,
        "changes": [(one, upload.labels.get(one.column, one.column), saying.of_change(one)) for one in changes_page],
        "changes_page": changes_page,
        "bad": [(line, saying.of_problem(problem, known=upload.sentences)) for line, problem in bad_page],
        "bad_page": bad_page,
        "bad_not_listed": max(seen.counts.bad - LISTED, 0),
    }
