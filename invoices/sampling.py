"""A draft as a PDF marked PROJET, to look at before approving: never sealed, never kept."""

from django.utils.translation import gettext as _

from invoices import papers, period, rendering
from invoices.document.facturx import cii
from invoices.document.pdfa import unsealed
from invoices.judging import shown_vat_number
from invoices.making_out import make_out, mentions_in_force
from invoices.models import Draft
from invoices.vat import RegimeFrom
from relays import identities, mandates, opting_in
from selfbilling.errors import Refused


class NothingToShow(Refused):
    """The relay lost its mandate or its identity since the draft was made."""


def as_pdf(draft: Draft) -> bytes:
    """The PDF that would be made if the draft were issued today, rank 00000, marked PROJET. Raises NothingToShow."""
    day, relay = period.today(), draft.relay
    identity = identities.in_force(day, [relay.pk]).get(relay.pk)
    mandate = mandates.covering(day, mandates.approved([relay.pk]).get(relay.pk, []))
    if identity is None or mandate is None:
        said = _("%(relay)s has no mandate or no identity in force today: the draft cannot be shown as an invoice")
        raise NothingToShow(said % {"relay": relay})
    history = [RegimeFrom(r.valid_from, r.regime, r.vat_number) for r in identities.vat_histories([relay.pk]).get(relay.pk, [])]
    invoice = make_out(
        draft,
        relay=relay,
        identity=identity,
        vat_number=shown_vat_number(history, last_day=draft.last_day),
        mandate=mandate,
        by_email=relay.pk in opting_in.opted_in(day, [relay.pk]),
        mentions=mentions_in_force(day),
        issue_date=day,
        rank=0,
    )
    content = rendering.content(
        invoice, lines=draft.lines.all(), vat_totals=draft.vat_totals.all(), test=False, paper=papers.paper_of([invoice])
    )
    return unsealed(content, cii(content))
