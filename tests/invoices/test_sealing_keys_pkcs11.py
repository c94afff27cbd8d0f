"""A key in a token seals like any other, and a wrong PIN never locks the token."""

import logging
import multiprocessing
import shutil
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import pkcs11
import pytest
import time_machine
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from invoices.sealing.keys import Home, SealKeyUnavailable
from invoices.sealing.keys.pins import PinRefused, one_try
from invoices.sealing.keys.pkcs11 import Token, TokenKey
from invoices.sealing.seal import seal
from selfbilling.errors import Unavailable
from selfbilling.secret import Secret
from tests.invoices import tokens
from tests.invoices.keys_at_work import is_valid_to_pyhanko, shown
from tests.invoices.seals import ENCRYPTING, NOW, key_named, pair, plain_pdf
from tests.invoices.tokens import MODULE, PIN, WRONG_PIN, made

pytestmark = tokens.NEEDED
DIGEST = bytes(range(100, 132))


@pytest.fixture
def folder(tmp_path: Path) -> Iterator[Path]:
    with tokens.soft_hsm(tmp_path):
        yield tmp_path


@pytest.mark.parametrize("elliptic", [False, True])
def test_it_seals_and_a_stranger_finds_the_seal_valid(folder: Path, elliptic: bool) -> None:
    there = made(folder, label="Cachet", elliptic=elliptic)
    key = TokenKey(there.token)
    assert key.home == Home.DEVICE
    assert key.chain == there.chain
    for _ in range(20):  # the size of an elliptic signature varies
        assert is_valid_to_pyhanko(seal(plain_pdf(), key=key, at=NOW), root=there.chain[1])


def test_it_signs_many_in_their_order(folder: Path) -> None:
    key = TokenKey(made(folder, label="Cachet", elliptic=False).token)
    digests = [bytes([number]) * 32 for number in range(5)]
    assert key.sign(digests) == [key.sign([digest])[0] for digest in digests]  # RSA's PKCS#1 v1.5 draws no lot
    assert key.sign([]) == []


def test_the_certificate_may_lie_in_a_file(folder: Path) -> None:
    there = made(folder, label="Cachet", certified=False)
    others = [key_named("Une autre", elliptic=True).chain[0], *reversed(there.chain)]
    pem = folder / "chain.pem"
    pem.write_bytes(b"".join(one.public_bytes(Encoding.PEM) for one in others))
    assert TokenKey(replace(there.token, certificates=pem)).chain == there.chain
    der = folder / "seal.cer"
    der.write_bytes(there.chain[0].public_bytes(Encoding.DER))
    assert TokenKey(replace(there.token, certificates=der)).chain == there.chain[:1]


def test_a_key_is_found_by_its_id_or_because_it_is_alone(folder: Path) -> None:
    there = made(folder, label="Cachet")
    for token in (replace(there.token, key="", key_id=b"\x07"), replace(there.token, key="")):
        assert TokenKey(token).chain == there.chain


def test_two_keys_in_one_token_work_side_by_side(folder: Path) -> None:
    there = made(folder, label="Cachet", elliptic=False)
    first, second = TokenKey(there.token), TokenKey(there.token)
    assert first.sign([DIGEST]) == second.sign([DIGEST]) == first.sign([DIGEST])


def test_a_key_that_wants_its_pin_for_each_signature_gets_it(folder: Path) -> None:
    key = TokenKey(made(folder, label="Cachet", asks_each_time=True).token)
    assert len(key.sign([DIGEST, DIGEST])) == 2


def test_a_key_that_was_imported_is_not_in_a_device(folder: Path) -> None:
    """It lay in a file before, whatever its certificate states."""
    there = made(folder, label="Cachet", certified=False)
    private, ours, _ = pair("Importée")
    file, pem = folder / "key.pem", folder / "seal.pem"
    file.write_bytes(private.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
    pem.write_bytes(ours.public_bytes(Encoding.PEM))
    tokens.import_key(file, label="Cachet", key="importée")
    assert TokenKey(replace(there.token, key="importée", certificates=pem)).home == Home.SOFTWARE


@pytest.mark.parametrize("days", [(-30, -1), (1, 700)])
def test_a_certificate_out_of_its_time_is_opened_and_seals_nothing(folder: Path, days: tuple[int, int]) -> None:
    key = TokenKey(made(folder, label="Cachet", days=days).token)
    with pytest.raises(SealKeyUnavailable, match=r"expired|valid only from"):
        seal(plain_pdf(), key=key, at=NOW)


# What the operator has to mend


def refused(token: Token, *, said: str) -> None:
    with pytest.raises(SealKeyUnavailable, match=said) as refusal:
        TokenKey(token)
    assert PIN not in shown(refusal.value)


def test_each_mistake_is_said_with_what_mends_it(folder: Path) -> None:
    token = made(folder, label="Cachet").token
    made(folder, label="Autre", certified=False)
    refused(replace(token, module=folder / "missing.so"), said="missing.so cannot be loaded: give the path")
    refused(replace(token, label="Absent"), said="0 tokens are labelled « Absent » .*« Cachet ».*plug")
    refused(replace(token, key="absent"), said="no such private key .*« absent »")
    refused(replace(token, key_id=b"\xab"), said="« ab »")
    refused(replace(token, label="Autre"), said=r"certificate of the key in the token « Autre » is missing \(0 others")
    refused(replace(token, certificates=folder / "missing.pem"), said=r"missing\.pem cannot be read: No such file")
    (folder / "junk.pem").write_bytes(b"-----BEGIN nothing")
    refused(replace(token, certificates=folder / "junk.pem"), said="no certificate in PEM or DER")


def test_two_keys_of_one_label_are_not_drawn_by_lot(folder: Path) -> None:
    token = made(folder, label="Cachet").token
    file = folder / "key.pem"
    file.write_bytes(pair("Importée")[0].private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
    tokens.import_key(file, label="Cachet", key="seal")
    refused(token, said="several private keys that fit")


def test_another_keys_certificate_does_not_pass_for_its_own(folder: Path) -> None:
    there = made(folder, label="Cachet", certified=False)
    (folder / "other.pem").write_bytes(key_named("Réseau Relais").chain[0].public_bytes(Encoding.PEM))
    refused(replace(there.token, certificates=folder / "other.pem"), said=r"is missing \(1 others")


def test_a_certificate_not_made_for_sealing_is_refused(folder: Path) -> None:
    refused(made(folder, label="Cachet", usage=ENCRYPTING).token, said="not made for sealing")


# The PIN


def test_a_wrong_pin_is_given_once(folder: Path) -> None:
    right = made(folder, label="Cachet").token
    wrong = replace(right, pin=Secret(WRONG_PIN))
    with pytest.raises(PinRefused, match="refused the seal's PIN"):
        TokenKey(wrong)
    refused(wrong, said="not given again, lest it be locked")
    refused(right, said="then delete .*seal-pin-refused-token-Cachet")  # only a person knows that it is another one
    (note,) = folder.glob("seal-pin-refused-*")
    assert not {PIN, WRONG_PIN} & set(note.read_text().split())
    note.unlink()
    assert TokenKey(right).sign([DIGEST])


def open_it(token: Token) -> str:
    try:
        TokenKey(token)
    except SealKeyUnavailable as refusal:
        return type(refusal).__name__
    return "opened"


def test_of_many_processes_one_gives_a_wrong_pin(folder: Path) -> None:
    token = replace(made(folder, label="Cachet").token, pin=Secret(WRONG_PIN))
    with multiprocessing.get_context("spawn").Pool(3) as pool:
        said = pool.map(open_it, [token] * 6, chunksize=1)
    assert sorted(said) == ["PinRefused"] + ["SealKeyUnavailable"] * 5


def test_whoever_comes_while_a_pin_is_tried_waits_for_the_answer(tmp_path: Path) -> None:
    begun, in_between = threading.Event(), threading.Event()

    def come() -> str:
        begun.wait()
        try:
            with one_try(of="token « Cachet »", notes=tmp_path):
                in_between.set()
        except SealKeyUnavailable as refusal:
            return str(refusal)
        return "given"

    def try_it() -> None:
        with one_try(of="token « Cachet »", notes=tmp_path):
            begun.set()
            in_between.wait(timeout=0.3)
            raise PinRefused("no")

    with ThreadPoolExecutor() as pool:
        second = pool.submit(come)
        with pytest.raises(PinRefused):
            try_it()
        assert "not given again" in second.result()


def test_without_a_place_for_the_note_no_pin_is_given(folder: Path) -> None:
    token = made(folder, label="Cachet").token
    (folder / "file").write_text("")
    refused(replace(token, notes=folder / "file"), said="cannot be written .*PIN is not given")


def test_nothing_shows_a_pin(folder: Path, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    token = replace(made(folder, label="Cachet").token, pin=Secret(WRONG_PIN))
    with pytest.raises(PinRefused) as refusal:
        TokenKey(token)
    assert WRONG_PIN not in shown(refusal.value) + repr(token) + str(token) + caplog.text
    key = TokenKey(made(folder, label="Autre").token)
    assert PIN not in repr(key) + repr(vars(key))


# The session


def test_a_lost_session_is_opened_again(folder: Path) -> None:
    there = made(folder, label="Cachet")
    key = TokenKey(there.token)
    for _ in range(2):
        tokens.look_again()
        assert is_valid_to_pyhanko(seal(plain_pdf(), key=key, at=NOW), root=there.chain[1])


def test_a_token_that_was_taken_away_is_waited_for(folder: Path) -> None:
    key = TokenKey(made(folder, label="Cachet", elliptic=False).token)
    (folder / "tokens").rename(folder / "away")
    (folder / "tokens").mkdir()
    tokens.look_again()
    for _ in range(2):
        with pytest.raises(Unavailable, match="0 tokens are labelled « Cachet »") as refusal:
            key.sign([DIGEST])
        assert PIN not in shown(refusal.value)
    shutil.rmtree(folder / "tokens")
    (folder / "away").rename(folder / "tokens")
    assert len(key.sign([DIGEST])[0]) == key.signature_size


def test_a_key_that_was_deleted_signs_no_more(folder: Path) -> None:
    key = TokenKey(made(folder, label="Cachet").token)
    session = pkcs11.lib(str(MODULE)).get_token(token_label="Cachet").open(rw=True)
    for one in list(session.get_objects({pkcs11.Attribute.CLASS: pkcs11.ObjectClass.PRIVATE_KEY})):
        one.destroy()
    with pytest.raises(SealKeyUnavailable, match="no such private key"):
        key.sign([DIGEST])


def sign_in_child(key: TokenKey, answers: "multiprocessing.SimpleQueue[str]") -> None:
    try:
        key.sign([DIGEST])
    except RuntimeError as error:
        answers.put(str(error))


def test_a_forked_process_does_not_use_its_parents_session(folder: Path) -> None:
    key = TokenKey(made(folder, label="Cachet").token)
    context = multiprocessing.get_context("fork")
    answers = context.SimpleQueue()
    child = context.Process(target=sign_in_child, args=(key, answers))
    child.start()
    child.join()
    assert "spawn, do not fork" in answers.get()
    assert key.sign([DIGEST])


@time_machine.travel(NOW)
def test_signatures_made_elsewhere_are_checked(folder: Path) -> None:
    """The key was replaced behind the same label: its signatures would not be the certificate's."""
    there = made(folder, label="Cachet", certified=False)
    pem = folder / "seal.pem"
    pem.write_bytes(there.chain[0].public_bytes(Encoding.PEM))
    key = TokenKey(replace(there.token, certificates=pem))
    shutil.rmtree(folder / "tokens")
    (folder / "tokens").mkdir()
    made(folder, label="Cachet")
    with pytest.raises(Unavailable, match="its own certificate does not confirm"):
        key.sign([DIGEST])
