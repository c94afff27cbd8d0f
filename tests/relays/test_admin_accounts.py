"""Addresses, second factors and sessions are their owner's: the admin neither shows nor edits them."""

import pytest

from relays.models import Person
from tests import cast


@pytest.mark.django_db
@pytest.mark.parametrize("table", ["account/emailaddress", "mfa/authenticator", "usersessions/usersession"])
def test_the_admin_has_no_page_for_it(table: str) -> None:
    boss = cast.browser(cast.with_second_factor(Person.objects.create_superuser("boss@example.org", cast.PASSWORD)))
    assert boss.get("/admin/").status_code == 200
    assert table not in boss.get("/admin/").content.decode()
    assert boss.get(f"/admin/{table}/").status_code == 404
