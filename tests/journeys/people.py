"""Makes the people of the journeys in the site's own database; run as a script, once the month before last is delivered.

Staff are demo logins: let off the second factor, which tests/relays/test_second_factor.py tries.
"""

import datetime as dt
import sys

import django

django.setup()

from allauth.mfa.models import Authenticator  # noqa: E402

from relays.models import Mandate, MandateText, Relay  # noqa: E402
from tests import cast  # noqa: E402

STAFF = (cast.clerk, cast.manager, cast.other_manager, cast.support)


def make() -> None:
    """The cast, and for each size of screen a shop, and twenty-one mandates that wait for a clerk."""
    shops = list(Relay.objects.filter(invoices__isnull=False).order_by("code").distinct())
    cast.stranger(shops[0])
    cast.owner(shops[1])
    cast.employee(shops[1])
    cast.accountant(*shops[:12])
    for make_one in STAFF:
        person = make_one()
        Authenticator.objects.filter(user=person).delete()
        person.is_demo = True
        person.save(update_fields=["is_demo"])
    text, _ = MandateText.objects.get_or_create(version="2027-1", defaults={"contest_days": 30})
    for channel, year in ((Mandate.Channel.PAPER, 2030), (Mandate.Channel.ONLINE, 2031)):  # after all that the demonstration has
        first, last = dt.date(year, 1, 1), dt.date(year, 12, 31)
        for relay in shops[12:33]:
            relay.mandates.filter(valid_to=None).update(valid_to=first - dt.timedelta(days=1))
            Mandate.objects.create(relay=relay, text=text, signed_on=dt.date(2026, 10, 1), valid_from=first, valid_to=last, channel=channel)
    sys.stdout.write(f"{shops[0].code} {shops[1].code}\n")


make()
