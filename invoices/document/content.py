"""What an invoice says: plain values, from which page and XML are made. No Django, no model, no settings.

Amounts are EUR with two decimals, unit prices EUR ex VAT with four, rates per cent (20.00), days Europe/Paris.
"""

import datetime as dt
from dataclasses import dataclass, field
from decimal import Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class Party:
    """A seller (the relay) or the buyer (the operator), as it was on the issue date. Empty text: not known."""

    name: str
    trade_name: str = ""
    legal_form: str = ""
    siret: str
    vat_number: str = ""
    address_line1: str
    address_line2: str = ""
    postcode: str
    city: str
    country: str = "FR"
    rcs_city: str = ""
    share_capital: str = ""
    email: str = ""
    phone: str = ""
    iban: str = ""

    @property
    def siren(self) -> str:
        """The nine first digits of the SIRET (BT-30, scheme 0002)."""
        return self.siret[:9]

    @property
    def is_sole_trader(self) -> bool:
        """An entrepreneur individuel, whose name never stands without "EI" (C. com. R526-27)."""
        return self.legal_form.strip().casefold() in {"ei", "e.i.", "entrepreneur individuel", "entreprise individuelle"}

    @property
    def official_name(self) -> str:
        """The name as it must be written: "Nom, EI" for a sole trader (C. com. R526-27)."""
        if not self.is_sole_trader or self.name.casefold().endswith((" ei", " entrepreneur individuel")):
            return self.name
        return f"{self.name}, EI"

    @property
    def form_and_capital(self) -> str:
        """« SARL au capital de 8 000 € », « Entrepreneur individuel » (C. com. R123-238); what is known of it."""
        form = "Entrepreneur individuel" if self.is_sole_trader else self.legal_form
        return f"{form} au capital de {self.share_capital}".strip() if self.share_capital else form

    @property
    def legal_notice(self) -> str:
        """Legal form, share capital and register in one line (BT-33; C. com. R123-237, R123-238)."""
        register = f"RCS {self.rcs_city} {self.siren}" if self.rcs_city else ""
        return ", ".join(part for part in (self.form_and_capital, register) if part)


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One (service, unit price, VAT treatment). quantity: whole units, may be negative; unit_price ≥ 0."""

    label: str
    service_code: str
    unit_code: str  # UN/ECE Rec 20
    quantity: int
    unit_price: Decimal
    category: str  # S or E (BT-151)
    rate: Decimal
    net: Decimal  # quantity × unit_price to the cent, half away from zero
    first_day: dt.date
    last_day: dt.date


@dataclass(frozen=True, slots=True, kw_only=True)
class VatTotal:
    """VAT of one treatment (BG-23): computed on the sum of its lines' nets, nowhere else."""

    category: str
    rate: Decimal
    base: Decimal
    vat: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class Mention:
    """A legal sentence in force on the issue date. code names its place: see invoices.models.Mention."""

    code: str
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class DayCount:
    """What the activity says of one day, for the annex: one service's summed quantity, in whole units."""

    day: dt.date
    label: str
    quantity: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Preceding:
    """An earlier invoice that this one corrects (BG-3)."""

    number: str
    issue_date: dt.date


@dataclass(frozen=True, slots=True, kw_only=True)
class Letterhead:
    """What the operator puts on its paper, beside what the law wants. Nothing in it is needed."""

    logo: bytes = field(default=b"", repr=False)  # PNG or JPEG, drawn at most 15 mm high and 60 mm wide
    colour: str = ""  # "#0b5d4b": titles and rules; "" is black, and so is what reads badly on white
    slogan: str = ""  # one line under the name
    footer: str = ""  # some lines above the small print


@dataclass(frozen=True, slots=True, kw_only=True)
class Content:
    """Everything that page and XML say. Two equal Contents give the same document."""

    number: str
    type_code: str = "389"  # UNTDID 1001: self-billed invoice
    issue_date: dt.date
    due_date: dt.date
    period_first: dt.date  # the billed calendar month
    period_last: dt.date
    seller: Party
    buyer: Party
    lines: tuple[Line, ...]
    vat_totals: tuple[VatTotal, ...]
    net: Decimal
    vat: Decimal
    gross: Decimal
    vat_on_debits: bool = False
    relay_code: str
    mandate_version: str
    mandate_signed_on: dt.date
    contestable_until: dt.date | None  # last day included; None: the mandate sets no delay, so none is printed
    mentions: tuple[Mention, ...] = field(default=())
    contest_address: str = ""  # where a relay writes or clicks to contest
    support: str = ""  # one line: e-mail, phone
    currency: str = "EUR"
    corrects: tuple[Preceding, ...] = ()  # of a 384 exactly one, of a 381 at least one, of a 389 none
    verify_url: str = ""  # in the QR: the verification page with the invoice's unguessable token
    letterhead: Letterhead = field(default=Letterhead())
    day_counts: tuple[DayCount, ...] = ()  # printed as an annex; none: no annex
    by_post: bool = False  # the channel that was fixed at issue
    test: bool = False  # sealed with the demo certificate: the page says TEST
    draft: bool = False  # rank 00000: the page says PROJET, nothing is sealed

    def mention(self, code: str) -> str:
        """The text of that mention; "" where none is in force."""
        return next((m.text for m in self.mentions if m.code == code), "")
