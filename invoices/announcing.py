"""The end of the seal's certificate, said in time: 60, 30 and 7 days before, and when it has ended; each of them once.

What was said is a row, committed before anybody is told: whoever runs this twice tells nobody twice.
"""

import datetime as dt
import logging
from collections.abc import Iterable
from dataclasses import dataclass

from cryptography import x509
from django.conf import settings
from django.db import transaction
from django.urls import reverse
from django.utils import timezone, translation

from invoices.choosing_key import places
from invoices.models import SealCertificate
from invoices.sealing.keys import fingerprint, name_of
from invoices.sealing.keys.certificates import ends_within
from invoices.sealing.keys.opening import open_key
from relays import letters
from relays.letters import MailServerAway
from relays.models import Person
from selfbilling import journal
from selfbilling.errors import Unavailable

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Ending:
    """A certificate whose end is announced. successor: one that is configured and ends later, if any."""

    name: str
    ends: dt.datetime
    successor: SealCertificate | None

    @property
    def has_ended(self) -> bool:
        """Whether it seals nothing any more."""
        return self.ends <= timezone.now()


def ending() -> list[Ending]:
    """The certificates of the settings whose end is announced, as they were seen last; the first to end first."""
    rows = list(SealCertificate.objects.order_by("ends"))
    return [_ending(row, rows=rows) for row in rows if row.announced is not None]


def _ending(row: SealCertificate, *, rows: Iterable[SealCertificate]) -> Ending:
    return Ending(name=row.name, ends=row.ends, successor=next((one for one in rows if one.announced is None), None))


def announce_ends() -> None:
    """Look at the certificates of the settings, and tell billing of each end that has come near since the last look."""
    certificates, all_opened = _certificates()
    due = [row for row in map(_seen, certificates) if row is not None]
    if all_opened:  # what is no longer configured is no longer announced
        SealCertificate.objects.exclude(sha256__in=[fingerprint(one) for one in certificates]).delete()
    rows = list(SealCertificate.objects.order_by("ends"))
    for row in due:
        _tell(_ending(row, rows=rows))


def _certificates() -> tuple[list[x509.Certificate], bool]:
    """Those of the keys that open; and whether all did."""
    found, all_opened = [], True
    for place in places():
        try:
            found.append(open_key(place).chain[0])
        except Unavailable as error:
            all_opened = False
            _log.warning("The end of a seal's certificate is not known: %s", error)
    return found, all_opened


@transaction.atomic
def _seen(certificate: x509.Certificate) -> SealCertificate | None:
    """Write down a certificate; returned, if its end is to be announced now."""
    sha256, ends = fingerprint(certificate), certificate.not_valid_after_utc
    new = SealCertificate(sha256=sha256, name=name_of(certificate)[:200], ends=ends)
    SealCertificate.objects.bulk_create([new], ignore_conflicts=True)
    row = SealCertificate.objects.select_for_update().get(sha256=sha256)
    within = ends_within(certificate, at=timezone.now())
    if within is None or (row.announced is not None and row.announced <= within):
        return None
    row.announced = within
    row.save(update_fields=["announced"])
    subject = f"certificate:{sha256}"
    journal.record(act="announced a certificate's end", subject=subject, name=row.name, ends=f"{ends:%Y-%m-%d}", days=within)
    return row


def _tell(certificate: Ending) -> None:
    """A letter to each member of billing, in French; a mail server that is away leaves the notice on the month's page."""
    said = {"certificate": certificate, "url": settings.SITE_URL + reverse("desk:month")}
    with translation.override(settings.LANGUAGE_CODE):
        for person in Person.objects.filter(groups__name="billing", is_active=True).order_by("email"):
            try:
                letters.send("certificate_ends", to=person.email, said=said)
            except MailServerAway:
                _log.warning("%s was not told of a certificate's end: the mail server does not answer", person.email, exc_info=True)
