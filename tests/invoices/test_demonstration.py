"""The demonstration network: its files keep the contract, its identifiers are well-formed, its peculiar ones are."""

import csv
import datetime as dt
import re
import subprocess
import sys
from collections import Counter
from decimal import Decimal
from pathlib import Path

import pytest
from stdnum import iban
from stdnum.fr import siret, tva

from invoices.demonstration import cast, months, network, shops
from invoices.demonstration.communes import COMMUNES
from tests.invoices import slow_calculator

ROOT = Path(__file__).parent.parent.parent
FILES = ("relays.csv", "mandates.csv", "tariffs.csv", "activity.csv", "adjustments.csv")
MONTH = "2026-10"
TODAY = dt.date(2026, 11, 2)

Row = dict[str, str]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """300 relays, two months, the last one to bill."""
    written = tmp_path_factory.mktemp("demonstration")
    network.write(written, months=["2026-09", MONTH])
    return written


def rows(folder: Path, name: str) -> list[Row]:
    """The rows of one file, read strictly: comma, LF, as many cells as the header."""
    text = (folder / name).read_bytes().decode("utf-8")
    assert "\r" not in text
    return list(csv.DictReader(text.splitlines(), strict=True, restval="<missing>"))


def history(folder: Path) -> dict[str, list[Row]]:
    """Each relay's rows."""
    relays: dict[str, list[Row]] = {}
    for row in rows(folder, "relays.csv"):
        relays.setdefault(row["relay_code"], []).append(row)
    return relays


def test_its_identifiers_are_well_formed(folder: Path) -> None:
    for row in rows(folder, "relays.csv"):
        assert siret.is_valid(row["siret"]), row
        assert iban.is_valid(row["iban"]), row
        assert int(row["iban"][4:]) % 97 == 0, row  # the RIB key
        if row["vat_number"]:
            assert tva.is_valid(row["vat_number"]), row
            assert siret.to_tva(row["siret"]) == row["vat_number"].removeprefix("FR"), row


def test_its_numbers_ring_at_nobody_s(folder: Path) -> None:
    fiction = r"\+33(19900|26191|35301|46571|53649|63998)\d{4}"
    assert all(re.fullmatch(fiction, row["phone"]) for row in rows(folder, "relays.csv"))
    assert all(row["email"].endswith("@example.org") for row in rows(folder, "relays.csv") if row["email"])


def test_two_shops_of_an_owner_share_its_siren_and_nobody_else_does(folder: Path) -> None:
    relays = history(folder)
    shops_of = Counter(of[0]["siret"][:9] for of in relays.values())
    assert len({of[0]["siret"] for of in relays.values()}) == 300
    assert Counter(shops_of.values()) == {1: 288, 2: 6}
    first, second = relays["R0008"][0], relays["R0009"][0]
    for column in ("legal_name", "legal_form", "vat_number", "vat_regime", "iban"):
        assert first[column] == second[column]


def test_its_relays_keep_the_contract(folder: Path) -> None:
    relays = history(folder)
    assert len(relays) == 300
    for code, of in relays.items():
        assert re.fullmatch(r"[A-Za-z0-9_][A-Za-z0-9_-]{0,17}", code)
        assert len({row["vat_from"] for row in of}) == len(of)
        assert len({tuple(v for k, v in row.items() if k not in {"vat_number", "vat_regime", "vat_from"}) for row in of}) == 1
        for row in of:
            assert re.fullmatch(r"(?!97|98)\d{5}", row["postcode"])
            assert row["country"] == "FR"
            assert row["vat_regime"] in {"standard", "franchise"}
            assert row["vat_on_debits"] in {"yes", "no"}
            assert row["size"] in {"micro", "sme", "mid", "large"}
            assert row["email"] or not row["email_opt_in_on"]
            assert (row["legal_form"] == "EI") == (not row["rcs_city"]) == (not row["share_capital"])
    assert any("_" in code and "-" in code for code in relays)


def test_it_is_varied(folder: Path) -> None:
    relays = [of[0] for of in history(folder).values()]
    assert {row["legal_form"] for row in relays} == {"EI", "SARL", "SAS", "SASU", "EURL", "SNC"}
    assert {row["size"] for row in relays} >= {"micro", "sme", "mid"}
    assert len({row["city"] for row in relays}) > 50
    names = " ".join(row["legal_name"] + row["trade_name"] for row in relays)
    assert all(rare in names for rare in ("N’Guyen", "Œuvre", "L'Étoile", "ğ", "ł", "é"))
    assert max(len(row["legal_name"]) for row in relays) == 60
    assert 0.65 < sum(bool(row["email_opt_in_on"]) for row in relays) / 300 < 0.75
    assert 2 <= sum(row["vat_on_debits"] == "yes" for row in relays) <= 20


def test_its_communes_are_sixty_of_metropolitan_france() -> None:
    communes = [commune for zone in COMMUNES.values() for commune in zone]
    assert len(communes) == len({commune.postcode for commune in communes}) == 60
    assert len({commune.city for commune in communes}) == 60
    assert all(re.fullmatch(r"(?!00|20|9[6-9])\d{5}", commune.postcode) for commune in communes)


def test_its_mandates_keep_the_contract(folder: Path) -> None:
    known = set(history(folder))
    last_day: dict[str, str] = {}
    for row in sorted(rows(folder, "mandates.csv"), key=lambda row: (row["relay_code"], row["valid_from"])):
        assert row["relay_code"] in known
        assert row["signed_on"] <= row["valid_from"] <= (row["valid_to"] or "9999")
        assert last_day.get(row["relay_code"], "") < row["valid_from"]  # no overlap
        last_day[row["relay_code"]] = row["valid_to"] or "9999"


def test_its_tariffs_keep_the_contract(folder: Path) -> None:
    sets: dict[tuple[str, str, str], list[int]] = {}
    for row in rows(folder, "tariffs.csv"):
        assert row["valid_from"].endswith("-01")
        assert re.fullmatch(r"\d+\.\d{4}", row["unit_price"])
        assert row["relay_code"] in {"", shops.code_of(cast.OWN_TARIFF)}
        sets.setdefault((row["service_code"], row["relay_code"], row["valid_from"]), []).append(int(row["from_quantity"]))
    assert all(bands[0] == 0 and bands == sorted(set(bands)) for bands in sets.values())
    assert {service for service, _, _ in sets} == {"LIV", "DEP", "RET", "INS", "FOR", "VEL"}


def test_its_counts_keep_the_contract(folder: Path) -> None:
    known = set(history(folder))
    services = {row["service_code"] for row in rows(folder, "tariffs.csv")}
    activity = rows(folder, "activity.csv")
    keys = Counter((row["relay_code"], row["day"], row["service_code"], row["quantity"][0] == "-") for row in activity)
    assert keys.most_common(1)[0][1] == 1
    assert {row["relay_code"] for row in activity} == known
    assert {row["service_code"] for row in activity} == services
    assert {row["day"][:7] for row in activity} == {"2026-09", MONTH}
    assert all(re.fullmatch(r"-?[1-9]\d*", row["quantity"]) for row in activity)


def test_it_is_closed_on_sundays_and_partly_on_mondays(folder: Path) -> None:
    worked: dict[int, set[str]] = {weekday: set() for weekday in range(7)}
    for row in rows(folder, "activity.csv"):
        if row["service_code"] != "FOR" and not row["quantity"].startswith("-"):
            worked[dt.date.fromisoformat(row["day"]).weekday()].add(row["relay_code"])
    assert worked[6] == set()
    assert 0.6 < len(worked[0]) / len(worked[1]) < 0.8
    assert len(worked[1]) > 290


def test_its_shops_are_as_busy_as_real_ones(folder: Path) -> None:
    delivered = Counter[str]()
    days = Counter[str]()
    for row in rows(folder, "activity.csv"):
        if row["service_code"] == "LIV" and row["day"].startswith(MONTH) and int(row["quantity"]) > 0:
            delivered[row["relay_code"]] += int(row["quantity"])
            days[row["relay_code"]] += 1
    means = sorted(delivered[code] / days[code] for code in delivered)
    assert 1 <= means[0] < 3
    assert 15 < means[150] < 30
    assert 45 < means[-1] < 75


def test_its_adjustments_keep_the_contract(folder: Path) -> None:
    adjustments = rows(folder, "adjustments.csv")
    assert len({(row["relay_code"], row["day"], row["label"]) for row in adjustments}) == len(adjustments)
    assert all(re.fullmatch(r"-?\d+\.\d\d", row["amount"]) for row in adjustments)
    signs = Counter(Decimal(row["amount"]) > 0 for row in adjustments)
    assert signs[True] > 5
    assert signs[False] > 5


@pytest.mark.parametrize("month", [MONTH, "2026-02", "2026-12", "2027-01", "2028-02"])
@pytest.mark.parametrize("relays", [cast.SMALLEST, 300])
def test_those_who_are_to_be_held_are_held_and_nobody_else(tmp_path: Path, month: str, relays: int) -> None:
    network.write(tmp_path, months=[month], relays=relays)
    today = dt.date.fromisoformat(f"{month}-01") + dt.timedelta(days=33)
    registered, held = slow_calculator.register(tmp_path, month, today)
    assert {one.relay_code: one.reason for one in held} == {shops.code_of(rank): reason for rank, reason in cast.HELD.items()}
    assert len(registered) == relays - len(cast.HELD)
    assert len({row.relay_code for row in registered}) == len(registered)


def test_its_peculiar_relays_are_billed(folder: Path) -> None:
    registered, _ = slow_calculator.register(folder, MONTH, TODAY)
    by_code = {row.relay_code: row for row in registered}
    changed = by_code[shops.code_of(cast.LEAVES_FRANCHISE)]
    assert {line.category for line in changed.lines} == {"S", "E"}
    assert [item[:2] for item in changed.vat_breakdown.split("|")] == ["S:", "E:"]
    own = by_code[shops.code_of(cast.OWN_TARIFF)]
    assert {line.unit_price for line in own.lines if line.service_code == "LIV"} == {Decimal("0.41"), Decimal("0.3725")}
    assert {line.unit_price for row in registered for line in row.lines} >= {Decimal("0.3475"), Decimal("0.3125")}
    assert by_code[shops.code_of(cast.TWO_MANDATES)].net > 0
    late = {row["day"] for row in rows(folder, "activity.csv") if row["relay_code"] == shops.code_of(cast.STARTS_LATE)}
    assert min(late) >= f"{MONTH}-10"
    assert {row.delivery for row in registered} == {"email", "paper"}


def test_some_parcels_are_taken_back(folder: Path) -> None:
    counted: dict[tuple[str, str], int] = {}
    taken_back = set()
    for row in rows(folder, "activity.csv"):
        key = (row["relay_code"], row["day"])
        if row["service_code"] == "LIV":
            counted[key] = counted.get(key, 0) + int(row["quantity"])
            if row["quantity"].startswith("-"):
                taken_back.add(key)
    assert any(counted[key] < 0 for key in taken_back)  # the day itself is negative
    assert any(counted[key] > 0 for key in taken_back)


def test_the_same_seed_writes_the_same_bytes_and_another_does_not(folder: Path, tmp_path: Path) -> None:
    network.write(tmp_path / "same", months=["2026-09", MONTH], relays=300, seed=1)
    network.write(tmp_path / "other", months=["2026-09", MONTH], relays=300, seed=2)
    for name in FILES:
        assert (tmp_path / "same" / name).read_bytes() == (folder / name).read_bytes()
    assert (tmp_path / "other" / "relays.csv").read_bytes() != (folder / "relays.csv").read_bytes()
    assert (tmp_path / "other" / "activity.csv").read_bytes() != (folder / "activity.csv").read_bytes()


def test_a_relay_is_the_same_in_a_network_of_any_size(folder: Path, tmp_path: Path) -> None:
    network.write(tmp_path, months=["2026-09", MONTH], relays=40)
    small = rows(tmp_path, "relays.csv")
    assert small == rows(folder, "relays.csv")[: len(small)]
    few = {row["relay_code"] for row in small}
    assert rows(tmp_path, "activity.csv") == [row for row in rows(folder, "activity.csv") if row["relay_code"] in few]


def test_identifiers_stay_apart_in_the_largest_network() -> None:
    told = months.parse([MONTH])
    everyone = [shops.shop(rank=rank, seed=3, months=told) for rank in range(1, 15_001)]
    assert len({one.siret for one in everyone}) == len({one.code for one in everyone}) == 15_000
    second = sum(cast.is_second_shop(rank) for rank in range(1, 15_001))
    assert len({one.owner.siren for one in everyone}) == len({one.owner.iban for one in everyone}) == 15_000 - second


@pytest.mark.parametrize("periods", [[], ["2026-13"], ["2026-1"], ["octobre"], ["2026-10", "2026-09"], ["2026-10", "2026-10"]])
def test_months_that_are_none_are_refused(tmp_path: Path, periods: list[str]) -> None:
    with pytest.raises(ValueError, match="month"):
        network.write(tmp_path / "no", months=periods)
    assert not (tmp_path / "no").exists()


def test_fewer_relays_than_the_peculiar_ones_are_refused(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="40"):
        network.write(tmp_path, months=[MONTH], relays=39)


def run(*arguments: str) -> subprocess.CompletedProcess[str]:
    """The command, as a person types it."""
    command = [sys.executable, "-m", "invoices.demonstration", *arguments]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)


def test_the_command_writes_the_same_files(folder: Path, tmp_path: Path) -> None:
    done = run(str(tmp_path / "new" / "demo"), "--relays", "300", "--month", "2026-09", "--month", MONTH, "--seed", "1")
    assert (done.returncode, done.stderr) == (0, "")
    assert sorted(path.name for path in (tmp_path / "new" / "demo").iterdir()) == sorted(FILES)
    for name in FILES:
        assert (tmp_path / "new" / "demo" / name).read_bytes() == (folder / name).read_bytes()


def test_the_command_says_what_is_wrong(tmp_path: Path) -> None:
    for wrong in (["--relays", "3"], ["--month", "2026-13"], ["--seed", "x"]):
        refused = run(str(tmp_path), *wrong)
        assert refused.returncode == 2
        assert "Traceback" not in refused.stderr
        assert refused.stderr.splitlines()[-1].startswith("python -m invoices.demonstration: error: ")
