"""A copy of a mandate to read: its text in the version that was agreed, who gave it to whom, when, who approved it.

In French, whoever asks, like the mandate itself. The same rows on the same day give the same bytes.
"""

import datetime as dt
from collections.abc import Iterator, Mapping

from django.conf import settings
from django.utils import timezone

from relays import identities, printing
from relays.models import Identity, Mandate, MandateScan, Person, VatRegime
from relays.printing import Fact, Party
from selfbilling.typeface import THIN
from selfbilling.words import FIXED, day, in_groups


def copy(mandate: Mandate, *, on: dt.date) -> bytes:
    """The copy as a PDF of A4 pages. on: the day when it is made, in Paris; it stands on each page.

    The relay is named as it was known for the day of the signature, the operator as it is now: no other is kept.
    """
    relay = mandate.relay
    scan = newest_scan(mandate)
    sheet = printing.Sheet(
        title="Mandat de facturation",
        lead=f"Copie, établie le {day(on)}, du mandat donné le {day(mandate.signed_on)}",
        note="Copie pour la lecture. " + _original(mandate, scan),
        parties=(_relay(mandate), _operator(settings.OPERATOR)),
        parties_note=f"Le mandant tel qu’il est connu au jour de la signature, le mandataire tel qu’il est au {day(on)}.",
        facts=tuple(_facts(mandate)),
        text_title=f"Texte du mandat, version {mandate.text.version}",
        text=mandate.text.body or _no_words(scan),
        footer=f"Copie, établie le {day(on)}, du mandat de {relay} du {day(mandate.signed_on)}",
        made_on=on,
    )
    return printing.printed(sheet)


def copy_name(mandate: Mandate) -> str:
    """What the copy is called where it is saved."""
    return f"mandat-copie-{mandate.relay}-{mandate.valid_from}.pdf"


def newest_scan(mandate: Mandate) -> MandateScan | None:
    """The scan that is shown, without its bytes; None where none was filed."""
    return mandate.scans.defer("data").order_by("-filed_at", "-pk").first()


def _original(mandate: Mandate, scan: MandateScan | None) -> str:
    if mandate.channel == Mandate.Channel.ONLINE:
        return "L’accord a été donné en ligne."
    if scan is None:
        return f"L’original est la feuille signée sur papier{THIN}; aucun scan n’en a été déposé."
    return f"L’original est la feuille signée sur papier{THIN}; son scan a été déposé le {_day_of(scan.filed_at)} (SHA-256 {scan.sha256})."


def _no_words(scan: MandateScan | None) -> str:
    said = f"Les termes de cette version ne sont pas saisis ici{THIN}: ce sont ceux de la feuille signée"
    if scan is not None:
        return f"{said}, à lire sur son scan."
    return f"{said}. Pour en recevoir une copie{THIN}: {settings.OPERATOR['email']}."


def _relay(mandate: Mandate) -> Party:
    """The relay on the day of the signature; what it was first known as, where that was later."""
    relay_id, signed_on = mandate.relay_id, mandate.signed_on
    who = identities.in_force(signed_on, [relay_id]).get(relay_id) or mandate.relay.identities.order_by("valid_from").first()
    regimes = identities.vat_histories([relay_id]).get(relay_id, [])
    regime = next((one for one in reversed(regimes) if one.valid_from <= signed_on), regimes[0] if regimes else None)
    lines = [f"Point relais {mandate.relay}", *(_lines_of(who) if who else ())]
    if regime:
        franchise = regime.regime == VatRegime.Regime.FRANCHISE
        lines += ["Franchise en base de TVA"] if franchise else [f"TVA {in_groups(regime.vat_number, 4, 3)}"] if regime.vat_number else []
    return Party(role="Le mandant, qui vend", name=(who and who.legal_name) or str(mandate.relay), lines=tuple(lines))


def _lines_of(who: Identity) -> Iterator[str]:
    if who.trade_name and who.trade_name != who.legal_name:
        yield f"Enseigne{THIN}: {who.trade_name}"
    yield ", ".join(filter(None, (who.legal_form, who.share_capital and f"capital {who.share_capital}")))
    yield from (who.address_line1, who.address_line2, f"{who.postcode} {who.city}".strip())
    yield f"SIRET {in_groups(who.siret, 3, 3, 3, 5)}" if who.siret else ""
    yield f"RCS {who.rcs_city}" if who.rcs_city else ""


def _operator(operator: Mapping[str, str]) -> Party:
    capital = operator["share_capital"] and f"capital {operator['share_capital']}"
    lines = (
        ", ".join(filter(None, (operator["legal_form"], capital))),
        operator["address_line1"],
        operator["address_line2"],
        f"{operator['postcode']} {operator['city']}",
        f"SIRET {in_groups(operator['siret'], 3, 3, 3, 5)}",
        operator["rcs_city"] and f"RCS {operator['rcs_city']}",
        f"TVA {in_groups(operator['vat_number'], 4, 3)}",
    )
    return Party(role="Le mandataire, qui achète", name=operator["name"], lines=lines)


def _facts(mandate: Mandate) -> Iterator[Fact]:
    signed = "en ligne" if mandate.channel == Mandate.Channel.ONLINE else "sur papier"
    yield Fact("Signé", f"{signed}, le {day(mandate.signed_on)}")
    if mandate.valid_to:
        yield Fact("En vigueur", f"du {day(mandate.valid_from)} au {day(mandate.valid_to)} inclus")
    else:
        yield Fact("En vigueur", f"à partir du {day(mandate.valid_from)}, sans date de fin")
    days = mandate.text.contest_days
    yield Fact(
        "Pour contester une facture",
        f"aucun délai n’est fixé{THIN}: une facture n’est acceptée que si le mandant le dit"
        if days is None
        else f"{days}{FIXED}jour{'s' if days > 1 else ''} à partir de sa date, et au moins autant après sa réception",
    )
    yield Fact("Enregistré", f"le {_day_of(mandate.entered_at)}{_by(mandate.entered_by, 'par un fichier du mandataire')}")
    yield Fact(*_decision(mandate))


def _decision(mandate: Mandate) -> tuple[str, str]:
    if mandate.state == Mandate.State.CONSENTED:
        return "Approbation", f"pas encore{THIN}: le mandataire vérifie ce mandat"
    when = f"le {_day_of(mandate.decided_at)}{_by(mandate.decided_by, '')}" if mandate.decided_at else "avec le fichier du mandataire"
    if mandate.state == Mandate.State.REJECTED:
        return "Refusé", f"{when}{THIN}: {mandate.reason}"
    return "Approuvé", when


def _by(person: Person | None, otherwise: str) -> str:
    name = person.get_full_name() if person else ""
    return f", par {name}" if name else f", {otherwise}" if otherwise else ""


def _day_of(instant: dt.datetime) -> str:
    return day(timezone.localtime(instant).date())
