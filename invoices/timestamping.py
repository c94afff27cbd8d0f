"""Sealed → at the level that was asked for → Document: the timestamps and the proofs that are fetched over the network.

Sealing came before, once. Here an invoice is claimed, the authorities are asked outside of any transaction, and what they
gave is written if the claim still is ours: killed in between, the invoice is due as before, and at worst a token is wasted.
"""

from collections.abc import Collection, Sequence

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from invoices import leasing, recording
from invoices.choosing_key import KNOWN
from invoices.models import Due, Invoice, Pades, Unshelved
from invoices.sealing import revocation
from invoices.sealing.chains import Chain
from invoices.sealing.keys import Home, fingerprint
from invoices.sealing.prolonging import chain_of_seal, digest_to_timestamp, prepare_archiving, timestamped, with_validation_data
from invoices.sealing.timestamps import Authority, timestamp
from invoices.sealing.tokens import Timestamp
from invoices.sealing.validation_data import ValidationData
from invoices.turnstile import SharedTurnstile


def stamp(ids: Collection[int]) -> int:
    """Bring those of these invoices that wait for it to the level of the settings; returns how many.

    Raises Unavailable if no authority gives a timestamp, or nobody says whether a certificate is revoked: those that
    were done before stay done, the others stay due with what was said.
    """
    if not leasing.any_due(Due.Step.TIMESTAMP, ids=ids):
        return 0
    return sum(_stamp_one(invoice_id) for invoice_id in ids)


def _stamp_one(invoice_id: int) -> int:
    with leasing.claimed(Due.Step.TIMESTAMP, ids=[invoice_id]) as rows:
        if not rows:
            return 0
        invoice = Invoice.objects.select_related("unshelved").get(pk=invoice_id)
        home = Home(invoice.unshelved.key_home)
        pdf = raised(bytes(invoice.unshelved.data), to=settings.SEAL_LEVEL)
        verified = recording.verified(pdf, ours={fingerprint(chain_of_seal(pdf)[0]): home}, level=settings.SEAL_LEVEL, of=invoice)
        return _write(invoice, verified=verified, home=home, claimed=rows)


@transaction.atomic
def _write(invoice: Invoice, *, verified: recording.Verified, home: Home, claimed: Sequence[Due]) -> int:
    rows = leasing.still_ours(claimed)
    if not rows:
        return 0
    document = recording.document(invoice, verified=verified, home=home)
    document.save()
    Unshelved.objects.filter(invoice=invoice).update(document=document, data=verified.pdf)
    Due.objects.create(invoice=invoice, step=Due.Step.SHELVE)
    Due.objects.filter(pk__in=[row.pk for row in rows]).delete()
    return len(rows)


def raised(sealed: bytes, *, to: str) -> bytes:
    """The sealed file at that level. Raises Unavailable: no timestamp, or no proof; CertificateRevoked."""
    if to == Pades.B:
        return sealed
    of_seal = asked(digest_to_timestamp(sealed))
    stamped = timestamped(sealed, token=of_seal.token)
    if to == Pades.T:
        return stamped
    data = proof(chain_of_seal(sealed)) | proof(of_seal.chain)
    if to == Pades.LT:
        return with_validation_data(stamped, data=data)
    return archived(stamped, data=data)


def archived(stamped: bytes, *, data: ValidationData) -> bytes:
    """The file with these data and one more timestamp, over all of it. Raises NoTimestamp."""
    prepared = prepare_archiving(stamped, data=data)
    return prepared.archived(token=asked(prepared.digest).token)


def asked(digest: bytes) -> Timestamp:
    """A timestamp by the first authority of the settings that gives one. Raises NoTimestamp."""
    return timestamp(digest, authorities=authorities(), turnstile=SharedTurnstile(), at=timezone.now(), timeout=settings.TIMESTAMP_TIMEOUT)


def authorities() -> list[Authority]:
    """Those of the settings, in turn."""
    return [Authority(trusted=settings.TIMESTAMP_ROOTS, **said) for said in settings.TIMESTAMP_AUTHORITIES]


def proof(chain: Chain) -> ValidationData:
    """That no certificate of a chain is revoked now. Raises RevocationUnknown, CertificateRevoked."""
    return revocation.validation_data(chain, cache=KNOWN, at=timezone.now(), timeout=settings.TIMESTAMP_TIMEOUT)
