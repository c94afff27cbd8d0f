"""The part of a relay's story that is about who it is: identities, VAT, mandates, its choice of e-mail, its people, its requests."""

import datetime as dt
from collections.abc import Iterator

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from invoices.desk.support_event import Event
from invoices.templatetags import figures
from relays import changing_details
from relays.importing.identity import FIELDS
from relays.models import BEGINNING, Identity, Invitation, Mandate, Membership, OptIn, Relay, Request, Role, VatRegime
from relays.resetting_second_factor import ACT
from selfbilling.models import JournalEntry

_FIELDS = {
    "legal_name": gettext_lazy("Legal name"),
    "trade_name": gettext_lazy("Shop sign"),
    "legal_form": gettext_lazy("Legal form"),
    "siret": gettext_lazy("SIRET number"),
    "address_line1": gettext_lazy("Address"),
    "address_line2": gettext_lazy("Address, second line"),
    "postcode": gettext_lazy("Postcode"),
    "city": gettext_lazy("City"),
    "country": gettext_lazy("Country"),
    "email": gettext_lazy("E-mail"),
    "phone": gettext_lazy("Phone"),
    "iban": gettext_lazy("IBAN"),
    "rcs_city": gettext_lazy("Registered at (RCS)"),
    "share_capital": gettext_lazy("Share capital"),
    "vat_on_debits": gettext_lazy("VAT on debits"),
    "size": gettext_lazy("Size"),
}
ROLES = {Role.OWNER: gettext_lazy("owner"), Role.EMPLOYEE: gettext_lazy("employee"), Role.ACCOUNTANT: gettext_lazy("accountant")}


def of_relay(relay: Relay) -> Iterator[Event]:
    """All of it, in no order. Nine queries."""
    yield from _identities(relay)
    yield from _regimes(relay)
    yield from _mandates(relay)
    yield from _choices(relay)
    yield from _people(relay)
    yield from _second_factors(relay)
    yield from _requests(relay)


def _identities(relay: Relay) -> Iterator[Event]:
    before: Identity | None = None
    for one in relay.identities.order_by("valid_from"):
        at = relay.imported_at if one.valid_from == BEGINNING else one.valid_from
        if before is None:
            yield Event(at=at, what=_("Relay taken in: %(name)s") % {"name": one.trade_name or one.legal_name or relay.code})
        else:
            yield Event(at=at, what=_("Details changed"), lines=tuple(_differences(before, one)))
        before = one


def _differences(before: Identity, after: Identity) -> Iterator[str]:
    for name in FIELDS:
        old, new = getattr(before, name), getattr(after, name)
        if old != new:
            yield _("%(what)s: %(before)s → %(after)s") % {"what": _FIELDS[name], "before": _shown(old), "after": _shown(new)}


def _shown(value: object) -> str:
    if value in ("", None):
        return "–"
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    return str(value)


def _regimes(relay: Relay) -> Iterator[Event]:
    for one in relay.vat_regimes.order_by("valid_from"):
        what = _("VAT: franchise, no VAT charged") if one.regime == VatRegime.Regime.FRANCHISE else _("VAT: standard regime")
        yield Event(at=one.valid_from, what=what, lines=(one.vat_number,) if one.vat_number else ())


def _mandates(relay: Relay) -> Iterator[Event]:
    for one in Mandate.objects.filter(relay=relay).select_related("text", "entered_by", "decided_by"):
        said = {"version": one.text.version, "first": figures.day(one.valid_from), "last": figures.day(one.valid_to)}
        valid = _("from %(first)s to %(last)s") % said if one.valid_to else _("from %(first)s on") % said
        yield Event(
            at=one.entered_at,
            what=_("Mandate entered, text %(version)s") % said,
            lines=(valid,),
            by=one.entered_by.get_full_name() if one.entered_by else "",
        )
        if one.decided_at is not None:
            approved = one.state == Mandate.State.APPROVED
            yield Event(
                at=one.decided_at,
                what=_("Mandate approved, text %(version)s") % said if approved else _("Mandate rejected, text %(version)s") % said,
                lines=(one.reason,) if one.reason else (),
                by=one.decided_by.get_full_name() if one.decided_by else "",
                tone="good" if approved else "bad",
            )


def _choices(relay: Relay) -> Iterator[Event]:
    for one in OptIn.objects.filter(relay=relay):
        taken_over = one.source == OptIn.Source.TAKEN_OVER
        yield Event(
            at=_instant(one.evidence) or one.given_on,
            what=_("E-mail chosen, taken over from a file") if taken_over else _("E-mail chosen in the portal"),
            lines=_evidence(one.evidence),
            by=str(one.evidence.get("name", "")),
        )
        if one.withdrawn_on is not None:
            withdrawal = one.evidence.get("withdrawal", {})
            yield Event(
                at=_instant(withdrawal) or one.withdrawn_on,
                what=_("Back to paper"),
                lines=_evidence(withdrawal),
                by=str(withdrawal.get("name", "")),
            )


def _instant(evidence: dict[str, object]) -> dt.datetime | None:
    return dt.datetime.fromisoformat(str(evidence["at"])) if "at" in evidence else None


def _evidence(evidence: dict[str, object]) -> tuple[str, ...]:
    """The words that were shown, and from where they were said."""
    if "words" not in evidence:
        return tuple(f"{key}: {value}" for key, value in evidence.items() if key != "withdrawal")
    return f"« {evidence['words']} »", _("From %(address)s, %(browser)s") % {
        "address": evidence.get("address", ""),
        "browser": evidence.get("user_agent", ""),
    }


def _people(relay: Relay) -> Iterator[Event]:
    for invitation in Invitation.objects.filter(relay=relay).select_related("invited_by"):
        said = {"email": invitation.email, "role": str(ROLES[Role(invitation.role)])}
        by = invitation.invited_by.get_full_name() if invitation.invited_by else ""
        yield Event(at=invitation.invited_at, what=_("%(email)s invited as %(role)s") % said, by=by)
        if invitation.withdrawn_at is not None:
            yield Event(at=invitation.withdrawn_at, what=_("Invitation of %(email)s withdrawn") % said)
    for member in Membership.objects.filter(relay=relay).select_related("person"):
        said = {"who": member.person.get_full_name(), "email": member.person.email, "role": str(ROLES[Role(member.role)])}
        yield Event(at=member.since, what=_("%(who)s (%(email)s) acts for the relay as %(role)s") % said)


def _second_factors(relay: Relay) -> Iterator[Event]:
    """Those that the desk reset."""
    members = Membership.objects.filter(relay=relay).select_related("person")
    names = {f"person:{member.person_id}": member.person.get_full_name() for member in members}
    for entry in JournalEntry.objects.filter(act=ACT, subject__in=names).select_related("by"):
        what = _("Second key of %(who)s reset") % {"who": names[entry.subject]}
        yield Event(at=entry.at, what=what, lines=(entry.detail["reason"],), by=entry.by.get_full_name() if entry.by else "")


def _requests(relay: Relay) -> Iterator[Event]:
    for one in Request.objects.filter(relay=relay).select_related("by", "answered_by"):
        links = ((_("See the request"), reverse("desk:request", args=[one.pk])),)
        waits = one.answered_at is None
        yield Event(at=one.at, what=title(one), lines=(one.text,), by=one.by.get_full_name(), tone="wait" if waits else "", links=links)
        if one.answered_at is not None:
            by = one.answered_by.get_full_name() if one.answered_by else ""
            yield Event(at=one.answered_at, what=_("Request answered"), lines=(one.answer,), by=by)


def title(request: Request) -> str:
    """A request in a few words."""
    if request.kind == Request.Kind.NOT_RECEIVED:
        return _("Invoice %(number)s not received") % {"number": request.about}
    return _("Details change: %(what)s") % {"what": figures.listed(changing_details.named(request.about))}
