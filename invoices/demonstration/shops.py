"""One relay of the demonstration, from its rank: who it is, where, under which regime, how busy."""

import datetime as dt
import random
from dataclasses import dataclass

from invoices.demonstration import cast, identifiers, names
from invoices.demonstration.communes import COMMUNES, Commune
from invoices.demonstration.months import Months


@dataclass(frozen=True, slots=True, kw_only=True)
class Regime:
    """A VAT regime (standard or franchise) from a day, with the VAT number that goes with it ("" for none)."""

    name: str
    since: dt.date
    vat_number: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Owner:
    """Who sells: a person (EI) or a company, that may have two shops."""

    legal_name: str
    trade_name: str
    legal_form: str
    siren: str
    regimes: tuple[Regime, ...]
    zone: str
    commune: Commune
    iban: str
    share_capital: str
    vat_on_debits: bool
    size: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Shop:
    """One relay. parcels: what it hands out on an ordinary day; opt_in_on None: invoices on paper."""

    rank: int
    code: str
    owner: Owner
    trade_name: str
    siret: str
    address_line1: str
    address_line2: str
    city: str
    email: str
    opt_in_on: dt.date | None
    phone: str
    parcels: int
    closed_on_monday: bool


def lot(*, seed: int, what: str, rank: int) -> random.Random:
    """The lots of one thing of one relay: the same whatever the network's size, on any machine."""
    return random.Random(f"{seed} {what} {rank}")  # noqa: S311 (a demonstration, no secret)


def code_of(rank: int) -> str:
    """The relay's code: R0001, R0002, … but for the two that try the contract's whole alphabet."""
    return cast.CODES.get(rank, f"R{rank:04d}")


def _named(draw: random.Random, rank: int) -> tuple[str, str, str]:
    """The legal form, legal name and trade name."""
    if rank in cast.COMPANIES:
        return cast.COMPANIES[rank]
    family = draw.choice(names.FAMILY_NAMES)
    trade = draw.choice(names.TRADES)
    sign = f"{trade} {draw.choice(names.SIGNS)}"
    form = draw.choices(("EI", "SARL", "EURL", "SAS", "SASU", "SNC"), weights=(40, 20, 12, 12, 10, 6))[0]
    if form == "EI":
        return form, f"{draw.choice(names.FIRST_NAMES)} {family}", sign
    return form, draw.choice((sign, f"Établissements {family}", f"{family} & Fils", f"{trade} {family}")), sign


def _regimes(draw: random.Random, *, rank: int, form: str, siren: str, months: Months) -> tuple[Regime, ...]:
    """The history of the VAT regime: one row, but for the relay that leaves the franchise within the last month."""
    since = dt.date(months.first.year - 1, 1, 1)
    number = identifiers.vat_number(siren)
    franchise = draw.random() < (0.6 if form == "EI" else 0.15)
    has_number_all_the_same = draw.random() < 0.1  # a franchise that buys services abroad needs one
    if rank == cast.LEAVES_FRANCHISE:
        return (
            Regime(name="franchise", since=since, vat_number=""),
            Regime(name="standard", since=months.last.replace(day=16), vat_number=number),
        )
    if rank == cast.WITHOUT_VAT_NUMBER:
        return (Regime(name="standard", since=since, vat_number=""),)
    if franchise:
        return (Regime(name="franchise", since=since, vat_number=number if has_number_all_the_same else ""),)
    return (Regime(name="standard", since=since, vat_number=number),)


def _owner(*, rank: int, seed: int, months: Months) -> Owner:
    draw = lot(seed=seed, what="owner", rank=rank)
    form, legal_name, trade_name = _named(draw, rank)
    siren = identifiers.siren(rank=rank, seed=seed)
    regimes = _regimes(draw, rank=rank, form=form, siren=siren, months=months)
    zone = draw.choice(sorted(COMMUNES))
    thousands = draw.choice((1, 2, 5, 8, 10, 15, 37, 50))
    return Owner(
        legal_name=legal_name,
        trade_name=trade_name,
        legal_form=form,
        siren=siren,
        regimes=regimes,
        zone=zone,
        commune=draw.choice(COMMUNES[zone]),
        iban=identifiers.iban(rank=rank),
        share_capital="" if form == "EI" else f"{thousands}\N{NARROW NO-BREAK SPACE}000\N{NO-BREAK SPACE}€",
        vat_on_debits=regimes[-1].name == "standard" and draw.random() < 0.06,
        size=draw.choices(("micro", "sme", "mid", "large"), weights=(90, 8, 1.5, 0.5))[0],
    )


def shop(*, rank: int, seed: int, months: Months) -> Shop:
    """The rank-th relay (1, 2, 3, …) of the network of that seed."""
    second = cast.is_second_shop(rank)
    owner = _owner(rank=rank - 1 if second else rank, seed=seed, months=months)
    draw = lot(seed=seed, what="shop", rank=rank)
    code = code_of(rank)
    opted_in = draw.random() < 0.7
    has_address = opted_in or draw.random() < 0.5
    year_before = dt.date(months.first.year - 1, 1, 1)
    opt_in_on = year_before + dt.timedelta(days=draw.randrange(365))
    return Shop(
        rank=rank,
        code=code,
        owner=owner,
        trade_name=f"{draw.choice(names.TRADES)} {draw.choice(names.SIGNS)}" if second else owner.trade_name,
        siret=identifiers.siret(siren=owner.siren, shop=2 if second else 1),
        address_line1=f"{draw.randrange(1, 180)}{draw.choice(('', '', '', ' bis'))} {draw.choice(names.STREETS)}",
        address_line2=draw.choice(names.COMPLEMENTS) if draw.random() < 0.15 else "",
        city="" if rank == cast.WITHOUT_CITY else owner.commune.city,
        email=f"relais.{code.lower()}@example.org" if has_address else "",
        opt_in_on=opt_in_on if opted_in else None,
        phone=identifiers.phone(rank=rank, zone=owner.zone if draw.random() < 0.4 else None),
        parcels=max(1, round(draw.triangular(0, 60, 8))),  # few are busy
        closed_on_monday=draw.random() < 0.3,
    )
