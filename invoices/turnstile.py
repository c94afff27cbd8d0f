"""Who of the timestamp authorities may be asked now: their quotas and pauses, as rows that all processes share."""

from django.db import transaction
from django.utils import timezone

from invoices.models import TimestampAuthority, TimestampRequest
from invoices.sealing.timestamps import Authority


class SharedTurnstile:
    """A Turnstile of invoices/sealing, in PostgreSQL.

    In no period, whenever it begins, an authority gets more requests than its quota: the last ones are numbered rows,
    and the request that is `most` numbers earlier tells whether one more would be too many.
    """

    @transaction.atomic
    def lets_through(self, authority: Authority) -> bool:
        """Whether one more request may go there now; if so, it counts."""
        row = self._locked(authority)
        now = timezone.now()
        if row.closed_until is not None and now < row.closed_until:
            return False
        number = row.asked + 1
        if authority.most is not None:
            oldest = row.requests.filter(number=number - authority.most).first()
            if oldest is not None and oldest.at > now - authority.period:
                return False
            row.requests.filter(number__lte=number - authority.most).delete()
            TimestampRequest.objects.create(authority=row, number=number, at=now)
        row.asked, row.closed_until, row.why = number, None, ""
        row.save(update_fields=["asked", "closed_until", "why"])
        return True

    @transaction.atomic
    def close(self, authority: Authority, *, why: str) -> None:
        """It failed: nobody asks it again before its pause is over."""
        row = self._locked(authority)
        row.closed_until, row.why = timezone.now() + authority.pause, why[:500]
        row.save(update_fields=["closed_until", "why"])

    def _locked(self, authority: Authority) -> TimestampAuthority:
        TimestampAuthority.objects.bulk_create([TimestampAuthority(name=authority.name)], ignore_conflicts=True)
        return TimestampAuthority.objects.select_for_update().get(name=authority.name)
