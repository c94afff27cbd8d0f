"""relays.csv -> relays, their identities, VAT regimes and the consents that were taken over (docs/files.md)."""

import datetime as dt
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NamedTuple

from django.utils import timezone

from relays.importing import changing, identifiers, identity
from relays.importing.consent import Consent, taken_over
from relays.importing.regimes import Regime, altered_days
from relays.models import BilledDays, Identity, OptIn, Relay, VatRegime
from selfbilling.tabular.cells import day, day_or_nothing, one_of, text
from selfbilling.tabular.importing import BadRow, Change, Counts
from selfbilling.tabular.reading import Column, Problem, Record, Table, Watch, shown, unwatched
from selfbilling.tabular.sheet import Sheet


class RelayRow(NamedTuple):
    """One row of relays.csv. An optional column that the file lacks is None."""

    relay_code: str
    legal_name: str
    trade_name: str
    legal_form: str
    siret: str
    vat_number: str
    vat_regime: str
    vat_from: dt.date
    address_line1: str
    address_line2: str
    postcode: str
    city: str
    country: str
    email: str
    phone: str
    iban: str
    email_opt_in_on: dt.date | None
    rcs_city: str | None
    share_capital: str | None
    vat_on_debits: str | None
    size: str | None


TABLE = Table(
    "relays",
    Column("relay_code", identifiers.relay_code),
    Column("legal_name", text(longest=200)),
    Column("trade_name", text(longest=200)),
    Column("legal_form", text(longest=60)),
    Column("siret", identifiers.siret),
    Column("vat_number", identifiers.vat_number),
    Column("vat_regime", one_of("standard", "franchise")),
    Column("vat_from", day),
    Column("address_line1", text(longest=200)),
    Column("address_line2", text(longest=200)),
    Column("postcode", identifiers.postcode),
    Column("city", text(longest=100)),
    Column("country", identifiers.country),
    Column("email", identifiers.email),
    Column("phone", text(longest=30)),
    Column("iban", identifiers.iban),
    Column("email_opt_in_on", day_or_nothing),
    Column("rcs_city", text(longest=100), optional=True),
    Column("share_capital", text(longest=60), optional=True),
    Column("vat_on_debits", one_of("yes", "no", ""), optional=True),
    Column("size", one_of("micro", "sme", "mid", "large", ""), optional=True),
    make=RelayRow,
)
_OF_A_REGIME = ("vat_number", "vat_regime", "vat_from")
_OF_A_RELAY = tuple(name for name in TABLE.names if name not in _OF_A_REGIME)
_ON_DEBITS = {"yes": True, "no": False, "": None}
_A_BATCH = 1_000


@dataclass(slots=True)
class _Known:
    """What the database has on a relay. The lists are in order of their first day."""

    relay: Relay
    identities: list[Identity] = field(default_factory=list)
    regimes: dict[dt.date, VatRegime] = field(default_factory=dict)
    opt_ins: list[OptIn] = field(default_factory=list)
    billed: list[BilledDays] = field(default_factory=list)


@dataclass(slots=True)
class _Plan:
    """What the good rows write."""

    relays: list[Relay] = field(default_factory=list)
    identities: list[Identity] = field(default_factory=list)
    regimes: list[VatRegime] = field(default_factory=list)
    ending: list[OptIn] = field(default_factory=list)
    beginning: list[OptIn] = field(default_factory=list)
    counts: dict[str, int] = field(default_factory=lambda: defaultdict(int))
    changes: list[Change] = field(default_factory=list)


class JudgedRelays:
    """A relays.csv that was read and compared with the database."""

    def __init__(self, sheet: Sheet[RelayRow]) -> None:
        self.file = sheet.file
        self._sheet = sheet
        codes = {code for (code,) in sheet.groups("relay_code")}
        known = _known(codes)
        _refuse_differing_rows(sheet)
        _refuse_consent_without_address(sheet)
        sheet.refuse_twice("relay_code", "vat_from")
        for (code,), records in sheet.groups("relay_code").items():
            if code in known:
                _refuse_altered_days(records, known[code])
        sheet.in_or_out_together("relay_code", what="the rows of a relay")
        self._plan = _plan(sheet, known)
        self.counts = Counts(**self._plan.counts, bad=sum(1 for _ in sheet.bad_rows()))

    def bad_rows(self) -> Iterator[BadRow]:
        """The bad rows, in the file's order."""
        return self._sheet.bad_rows()

    def changes(self) -> Iterator[Change]:
        """What the good rows change of known relays: identity, consent, VAT regime."""
        return iter(self._plan.changes)

    def write(self) -> None:
        """Write the good rows."""
        plan = self._plan
        Relay.objects.bulk_create(plan.relays, batch_size=_A_BATCH)
        # New and changed alike, by their day: bulk_update() takes a minute for a network whose e-mail was filled in.
        by_day = ("relay", "valid_from")
        Identity.objects.bulk_create(
            plan.identities, batch_size=_A_BATCH, update_conflicts=True, unique_fields=by_day, update_fields=identity.FIELDS
        )
        VatRegime.objects.bulk_create(
            plan.regimes, batch_size=_A_BATCH, update_conflicts=True, unique_fields=by_day, update_fields=("regime", "vat_number")
        )
        OptIn.objects.bulk_update(plan.ending, ["withdrawn_on"], batch_size=_A_BATCH)
        OptIn.objects.bulk_create(plan.beginning, batch_size=_A_BATCH)


def judge(path: Path, *, watch: Watch = unwatched) -> JudgedRelays:
    """Read relays.csv and compare it with the database, inside the caller's transaction. Raises BadFile."""
    return JudgedRelays(Sheet(TABLE, TABLE.file(path, watch=watch)))


def _known(codes: Collection[str]) -> dict[str, _Known]:
    """What the database has on these relays, by code."""
    by_id = {relay.pk: _Known(relay) for relay in Relay.objects.filter(code__in=codes)}
    for person in Identity.objects.filter(relay__in=by_id).order_by("valid_from"):
        by_id[person.relay_id].identities.append(person)
    for regime in VatRegime.objects.filter(relay__in=by_id).order_by("valid_from"):
        by_id[regime.relay_id].regimes[regime.valid_from] = regime
    for opt_in in OptIn.objects.filter(relay__in=by_id).order_by("given_on"):
        by_id[opt_in.relay_id].opt_ins.append(opt_in)
    for days in BilledDays.objects.filter(relay__in=by_id).order_by("first"):
        by_id[days.relay_id].billed.append(days)
    return {known.relay.code: known for known in by_id.values()}


def _refuse_differing_rows(sheet: Sheet[RelayRow]) -> None:
    """All columns but the regime's own are equal on the rows of a relay."""
    for (code,), records in sheet.groups("relay_code").items():
        differing = [name for name in _OF_A_RELAY if len({record.part(name) for record in records} - {None}) > 1]
        for record in records if differing else ():
            lines = ", ".join(str(record.line) for record in records)
            reason = f"differ between the rows of this relay (lines {lines})"
            record.problems.append(Problem(", ".join(differing), code, reason, "write the same on all of them"))


def _refuse_consent_without_address(sheet: Sheet[RelayRow]) -> None:
    for record in sheet.records:
        consent = record.part("email", "email_opt_in_on")
        if consent is not None and consent[1] is not None and not consent[0]:
            remedy = "fill in email, or empty email_opt_in_on (invoices on paper)"
            record.problems.append(Problem("email_opt_in_on", str(consent[1]), "has no e-mail address beside it", remedy))


def _refuse_altered_days(records: Iterable[Record[RelayRow]], known: _Known) -> None:
    """A regime row, new or changed, that alters a billed day is refused."""
    before = {since: Regime(each.regime, each.vat_number) for since, each in known.regimes.items()}
    rows = {record.row.vat_from: record for record in records if record.row is not None}
    given = {since: Regime(r.row.vat_regime, r.row.vat_number) for since, r in rows.items() if r.row is not None}
    for altered in altered_days(before, {**before, **given}, billed=known.billed):
        reason = f"alters the VAT of {altered.day}, which is billed"
        remedy = f"leave billed days as they are; a change can start on {altered.free_from}, on a row of its own"
        value = shown(" ".join(given[altered.since]))
        rows[altered.since].problems.append(Problem("vat_from", f"{altered.since} {value}".strip(), reason, remedy))


def _plan(sheet: Sheet[RelayRow], known: dict[str, _Known]) -> _Plan:
    plan = _Plan()
    today = timezone.localdate()
    rows: dict[str, list[tuple[int, RelayRow]]] = defaultdict(list)
    for line, row in sheet.good():
        rows[row.relay_code].append((line, row))
    for code, of_relay in rows.items():
        has = known.get(code) or _Known(Relay(code=code))
        line, row = of_relay[0]
        if code not in known:
            plan.relays.append(has.relay)
        given = _identity_in(row)
        changes = [*changing.of_identity(has.identities, given=given, today=today), *changing.of_regimes(has.regimes, rows=of_relay)]
        identities = identity.revised(has.relay, has.identities, given=given, today=today)
        evidence: dict[str, object] = {"file": sheet.file.path.name, "line": line}
        consent = taken_over(has.relay, has.opt_ins, given_on=row.email_opt_in_on, evidence=evidence, today=today)
        if code in known:
            changes += changing.of_consent(consent, today=today)
            plan.changes += [each._replace(key=code, line=each.line or line) for each in changes]
        plan.identities += identities
        plan.ending += [consent.ending] if consent.ending else []
        plan.beginning += [consent.beginning] if consent.beginning else []
        is_changed = bool(identities) or consent != Consent()
        for _, each in of_relay:
            plan.counts[_add_regime(plan, has, each, otherwise="changed" if is_changed else "same")] += 1
    return plan


def _identity_in(row: RelayRow) -> dict[str, Any]:
    """The row's identity by field, without the columns that the file lacks."""
    given = {name: value for name in identity.FIELDS if (value := getattr(row, name)) is not None}
    if "vat_on_debits" in given:
        given["vat_on_debits"] = _ON_DEBITS[given["vat_on_debits"]]
    return given


def _add_regime(plan: _Plan, has: _Known, row: RelayRow, *, otherwise: str) -> str:
    """Plan the row's regime; what the row is to the database: new, changed, or what it is otherwise."""
    regime = has.regimes.get(row.vat_from)
    if regime is None:
        new = VatRegime(relay=has.relay, valid_from=row.vat_from, regime=row.vat_regime, vat_number=row.vat_number)
        plan.regimes.append(new)
        return "new"
    if (regime.regime, regime.vat_number) == (row.vat_regime, row.vat_number):
        return otherwise
    regime.regime, regime.vat_number = row.vat_regime, row.vat_number
    plan.regimes.append(regime)
    return "changed"
