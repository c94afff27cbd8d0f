"""What can be wrong in the files that are billed from, as their judges say it: here for the translation (saying.translated)."""

from django.utils.translation import gettext_noop as _

from relays.importing.sentences import CODES

TARIFFS = (
    *CODES,
    _("is no unit of UN/ECE Rec 20"),
    _("write C62 for pieces, MON for a month, or another of its codes"),
    _("is not the first of a month"),
    _("write %(day)s, or the first of the next month"),
    _("is negative"),
    _("write a price of 0 or more; a deduction is an adjustment"),
    _("is in a set without a first band"),
    _("add its band from 0"),
    _("starts a set by which a month is issued; it can no longer change"),
    _("start a new set on the first of a later month"),
    _("the bands of a set go in or out together, and line %(line)s is bad"),
)
DAILY = (
    *CODES,
    _("is zero"),
    _("leave the row out"),
    _("is in no imported tariff"),
    _("import its tariff first, or mend the code"),
    _("is %(value)s in what was imported before"),
    _("what is imported stays; a correction is a row of its own, of the other sign, or an adjustment"),
    _("what is imported stays; write the difference under another label"),
    _("is in a month of which this relay has its invoice"),
    _("make it an adjustment in an open month"),
)
PAYMENTS = (
    *CODES,
    _("is not above zero"),
    _("give what was paid; money that came back is no payment"),
    _("is not an invoice of relay %(code)s"),
    _("mend the relay_code or the number"),
    _("is no issued invoice"),
    _("mend the number, or issue that invoice first"),
    _("is in the future"),
    _("import a payment once it is made"),
    _("is before the month of that invoice, %(month)s"),
    _("check the day and the number"),
    _("is %(value)s in what was imported before"),
    _("what is imported stays; give another payment its own day"),
    _("is too much: %(paid)s paid before and %(added)s in this file exceed the invoice's %(gross)s"),
    _("give what was paid for this invoice alone"),
)
