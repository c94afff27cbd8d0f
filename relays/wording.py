"""The words of a mandate that was signed on paper, entered once by staff; then they stand as the relays signed them."""

import hashlib

from django.db import transaction
from django.utils.translation import gettext as _

from relays.models import MandateText, Person
from selfbilling import journal
from selfbilling.errors import Refused


class AlreadyEntered(Refused):
    """The words of this version are there: relays gave their mandate on them, so they stay (CGI art. 289 I-2)."""


class NoWords(Refused):
    """Nothing was entered."""


@transaction.atomic
def enter(*, text_id: int, body: str, contest_days: int | None, by: Person) -> MandateText:
    """Enter the words of a paper text, and the delay to contest that they set; once, for good.

    contest_days: calendar days from the issue date; None: the text sets none, so that silence never accepts. Invoices that
    are issued keep the day that was printed on them; those of later issue dates follow the text.
    Raises NoWords, AlreadyEntered. Source: CGI ann. II art. 242 nonies I.
    """
    if not body.strip():
        raise NoWords(_("Enter the words of the mandate first."))
    text = MandateText.objects.select_for_update().get(pk=text_id)  # lock first, look second
    if text.body:
        said = _("The text of %(version)s is entered already, and relays signed it: it stays. Another wording is another version.")
        raise AlreadyEntered(said % {"version": text.version})
    before = {"contest_days": text.contest_days, "body": ""}
    text.body = "\n".join(line.rstrip() for line in body.strip().splitlines())
    text.contest_days = contest_days
    text.save(update_fields=["body", "contest_days"])
    sha256 = hashlib.sha256(text.body.encode()).hexdigest()
    journal.record(
        act="mandate text entered",
        subject=f"mandate text:{text.version}",
        by=by,
        before=before,
        after={"contest_days": contest_days, "body": f"sha256 {sha256}"},
    )
    return text
