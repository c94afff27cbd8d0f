"""Accounts are not edited by hand: addresses, second factors and sessions are their owner's, who has pages for them.

A lost second factor is reset by a deed, with a reason and a journal entry (second_factor).
"""

import allauth.account.admin
import allauth.mfa.admin
import allauth.usersessions.admin  # noqa: F401  (each registers as it is imported)
from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.usersessions.models import UserSession
from django.contrib import admin

# An authenticator's row is its secret, readable; an address that is edited here is one that nobody proved.
admin.site.unregister([EmailAddress, Authenticator, UserSession])
