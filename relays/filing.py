"""A clerk files the scan of a mandate that was signed on paper. A better one is filed beside it: both are kept, the newest is shown."""

from django.db import transaction
from django.db.models import Prefetch, QuerySet
from django.utils.translation import gettext as _

from relays.models import Mandate, MandateScan, Person
from selfbilling import journal
from selfbilling.errors import Refused
from selfbilling.files import ENDINGS, Checked


class NotOnPaper(Refused):
    """The mandate was given on line: there is no sheet."""


class AlreadyFiled(Refused):
    """This very file is there."""


@transaction.atomic
def file_scan(*, mandate_id: int, file: Checked, by: Person) -> MandateScan:
    """File a scan with its mandate, whatever became of that; for good.

    Raises NotOnPaper, AlreadyFiled. Source: CGI art. 289 I-2 (written mandate); LPF L102 B (it is kept).
    """
    mandate = Mandate.objects.select_for_update(of=("self",)).select_related("relay").get(pk=mandate_id)  # lock first, look second
    if mandate.channel != Mandate.Channel.PAPER:
        raise NotOnPaper(_("The mandate of %(relay)s was given on line: there is no sheet to scan.") % {"relay": mandate.relay})
    if mandate.scans.filter(sha256=file.sha256).exists():
        raise AlreadyFiled(_("This very file is filed with this mandate already. Choose another one."))
    scan = MandateScan.objects.create(
        mandate=mandate, content_type=file.content_type, size=len(file.data), sha256=file.sha256, data=file.data, filed_by=by
    )
    journal.record(act="mandate scan filed", subject=f"relay:{mandate.relay}", by=by, mandate=mandate.pk, scan=scan.pk, sha256=scan.sha256)
    return scan


def with_scans(mandates: QuerySet[Mandate]) -> QuerySet[Mandate]:
    """… with their scans, the newest first, without the bytes of these."""
    scans = MandateScan.objects.defer("data").select_related("filed_by").order_by("-filed_at", "-pk")
    return mandates.prefetch_related(Prefetch("scans", queryset=scans))


def file_name(scan: MandateScan) -> str:
    """What the file is called where it is saved: the relay, the mandate's first day."""
    return f"mandat-signe-{scan.mandate.relay}-{scan.mandate.valid_from}.{ENDINGS[scan.content_type]}"
