"""Contests with what was said, for a page."""

from django.db.models import Prefetch, QuerySet

from invoices.models import Dispute, DisputeFile, DisputeMessage


def with_messages(disputes: QuerySet[Dispute]) -> QuerySet[Dispute]:
    """These contests with their messages in order, who wrote each, and its file's name; not the files' bytes."""
    files = Prefetch("file", queryset=DisputeFile.objects.defer("data"))
    return disputes.prefetch_related(Prefetch("messages", queryset=DisputeMessage.objects.select_related("by").prefetch_related(files)))
