"""What waits to be delivered in the runs that a person has started, and by which channel it goes."""

from django.db.models import Exists, OuterRef, Q, QuerySet

from invoices.models import Delivery, Due, Invoice

_OF_IT = Delivery.objects.filter(invoice=OuterRef("invoice"))
_REFUSED = Exists(_OF_IT.filter(channel=Invoice.Channel.EMAIL, state=Delivery.State.REFUSED))
_AS_ISSUED = Q(channel="")
_BY_EMAIL = Q(channel=Invoice.Channel.EMAIL) | (_AS_ISSUED & Q(invoice__channel=Invoice.Channel.EMAIL) & ~Q(_REFUSED))
_ON_PAPER = Q(channel=Invoice.Channel.PAPER) | (_AS_ISSUED & (Q(invoice__channel=Invoice.Channel.PAPER) | Q(_REFUSED)))
_HANDING_OVER = Exists(_OF_IT.filter(state=Delivery.State.HANDING_OVER))
_HANDING_OVER_BY_SMTP = Exists(_OF_IT.filter(state=Delivery.State.HANDING_OVER, transport=Delivery.Transport.SMTP))


def by_email() -> QuerySet[Due]:
    """Invoices that may be e-mailed, those that were put off last.

    One that a killed process was writing to MAIL_DIR is among them; one that was handed to a mail server and has no
    answer is not.
    """
    rows = _started().filter(_BY_EMAIL).exclude(_HANDING_OVER_BY_SMTP)
    return rows.order_by("attempts", "invoice_id")


def on_paper() -> QuerySet[Due]:
    """Invoices for the next paper batch: of relays without e-mail, those refused by a mail server, those that a person put there."""
    return _started().exclude(_HANDING_OVER).filter(_ON_PAPER)


def _started() -> QuerySet[Due]:
    return Due.objects.filter(step=Due.Step.DELIVER, invoice__run__delivering_since__isnull=False)
