"""A seal gets its timestamp from the first authority that gives a right one; whatever else comes is not taken."""

import datetime as dt
import hashlib
import io
import subprocess
from base64 import b64encode
from collections.abc import Iterable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from asn1crypto import tsp
from asn1crypto import x509 as asn1_x509
from cryptography.hazmat.primitives.serialization import Encoding
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.validation import validate_pdf_signature
from pyhanko_certvalidator import ValidationContext

from invoices.sealing import tokens
from invoices.sealing.prolonging import ROOM, digest_to_timestamp, timestamped
from invoices.sealing.seal import seal
from invoices.sealing.timestamps import Authority, NoTimestamp, timestamp
from invoices.sealing.tokens import Timestamp, TokenInvalid, UnknownAuthority
from selfbilling.secret import Secret
from tests.invoices.authorities import Application, Start, World, answering, authority
from tests.invoices.seals import NOW, invoice_pdf

DIGEST = hashlib.sha256(b"a seal's signature").digest()
HOUR = dt.timedelta(hours=1)


class Gate:
    """A turnstile in memory: so many for each authority, and the closed ones."""

    def __init__(self, **left: int) -> None:
        self.left = left
        self.closed: dict[str, str] = {}

    def lets_through(self, authority: Authority) -> bool:
        self.left[authority.name] = self.left.get(authority.name, 99) - 1
        return self.left[authority.name] >= 0 and authority.name not in self.closed

    def close(self, authority: Authority, *, why: str) -> None:
        self.closed[authority.name] = why


@pytest.fixture(scope="module")
def running() -> Iterator[World]:
    with authority() as world:
        yield world


@pytest.fixture
def world(running: World) -> Iterator[World]:
    yield running
    running.server.answers.clear()
    running.server.asked.clear()
    running.until(NOW)


def stamper(world: World, label: str = "stamper", **more: Any) -> Authority:
    return Authority(name=label, url=world.url + world.path("tsa", label), trusted=(world.certificate("root"),), **more)


def ask(*authorities: Authority, gate: Gate | None = None, timeout: float = 5) -> Timestamp:
    return timestamp(DIGEST, authorities=authorities, turnstile=gate or Gate(), at=NOW, timeout=timeout)


def test_an_authority_stamps(world: World) -> None:
    stamp = ask(stamper(world))
    assert (stamp.at, stamp.authority) == (NOW, "stamper")
    assert [one.subject.rfc4514_string() for one in stamp.chain] == ["CN=stamper,C=FR", "CN=issuer,C=FR", "CN=root,C=FR"]
    assert stamp.ends == world.certificate("stamper").not_valid_after_utc
    assert (
        tsp.ContentInfo.load(stamp.token)["content"]["encap_content_info"]["content"].native["message_imprint"]["hashed_message"] == DIGEST
    )


def test_what_comes_along_unsigned_is_left_out_and_the_rest_reads_the_same_again(world: World) -> None:
    stamp = ask(stamper(world))
    assert world.certificate("root").public_bytes(Encoding.DER) not in stamp.token
    assert world.certificate("issuer").public_bytes(Encoding.DER) in stamp.token
    assert tokens.read(stamp.token, digest=DIGEST, trusted=stamp.chain[-1:]) == stamp


def test_no_byte_of_a_token_can_be_changed(world: World) -> None:
    stamp = ask(stamper(world))
    for offset in range(len(stamp.token)):
        changed = bytearray(stamp.token)
        changed[offset] ^= 1
        try:
            assert tokens.read(bytes(changed), digest=DIGEST, trusted=stamp.chain[-1:]).token != bytes(changed), offset
        except TokenInvalid:
            continue


def answers_for_another(world: World, **changes: object) -> Application:
    """The authority's answer to another request than ours."""

    def application(environ: dict[str, Any], start: Start) -> Iterable[bytes]:
        size = int(environ["CONTENT_LENGTH"])
        request = tsp.TimeStampReq.load(environ["wsgi.input"].read(size))
        for name, value in changes.items():
            request[name] = value
        body = request.dump(force=True)
        environ |= {"wsgi.input": io.BytesIO(body), "CONTENT_LENGTH": str(len(body))}
        assert world.server.application is not None
        return world.server.application(environ, start)

    return application


REFUSED = bytes.fromhex("3005300302 0102".replace(" ", ""))  # a TimeStampResp without a token: rejection
HUGE = b"0" * 10_000_000
ANSWERS = {
    "down": (answering(b"", status="503 Service Unavailable"), "status 503"),
    "a login that it does not know": (answering(b"", status="401 Unauthorized"), "status 401"),
    "refused": (answering(REFUSED), "refused"),
    "a page": (answering(b"<html>Welcome</html>"), "no timestamp"),
    "nothing": (answering(b""), "no timestamp"),
    "10 MB": (answering(HUGE), "more than 65536 bytes"),
    "10 MB of one element": (answering(b"\x30\x84\x00\x98\x96\x80" + bytes(10_000_000)), "more than 65536 bytes"),
    "sent to a file": (answering(b"", status="302 Found", headers=[("Location", "file:///etc/passwd")]), "status 302"),
    "sent elsewhere": (answering(b"", status="307 Temporary Redirect", headers=[("Location", "http://127.0.0.1:1/")]), "status 307"),
}


@pytest.mark.parametrize(("answer", "said"), ANSWERS.values(), ids=ANSWERS.keys())
def test_another_answer_is_not_taken_and_the_next_authority_is_asked(world: World, answer: Application, said: str) -> None:
    world.server.answers["/first"] = answer
    first = Authority(name="first", url=world.url + "/first", trusted=(world.certificate("root"),))
    gate = Gate()
    assert ask(first, stamper(world), gate=gate).authority == "stamper"
    assert said in gate.closed["first"]
    assert "stamper" not in gate.closed
    with pytest.raises(NoTimestamp, match=said):
        ask(first)


def test_a_token_that_comes_with_a_refusal_is_not_taken(world: World) -> None:
    def application(environ: dict[str, Any], start: Start) -> Iterable[bytes]:
        assert world.server.application is not None
        answer = tsp.TimeStampResp.load(b"".join(world.server.application(environ, lambda *_: None)))
        answer["status"] = {"status": "rejection"}
        return answering(answer.dump(force=True))({"wsgi.input": io.BytesIO()}, start)

    world.server.answers[world.path("tsa", "stamper")] = application
    with pytest.raises(NoTimestamp, match="refused"):
        ask(stamper(world))


OTHER_REQUESTS = {
    "wrong nonce": ({"nonce": 7}, "nonce"),
    "no nonce": ({"nonce": None}, "nonce"),
    "wrong imprint": ({"message_imprint": {"hash_algorithm": {"algorithm": "sha256"}, "hashed_message": bytes(32)}}, "something else"),
    "sha-512": ({"message_imprint": {"hash_algorithm": {"algorithm": "sha512"}, "hashed_message": DIGEST}}, "something else"),
}


@pytest.mark.parametrize(("changes", "said"), OTHER_REQUESTS.values(), ids=OTHER_REQUESTS.keys())
def test_a_token_for_another_request_is_not_taken(world: World, changes: dict[str, object], said: str) -> None:
    world.server.answers[world.path("tsa", "stamper")] = answers_for_another(world, **changes)
    with pytest.raises(NoTimestamp, match=said):
        ask(stamper(world))


STAMPERS = {
    "whose certificate has ended": ("late-stamper", "not valid on 2026-11-02"),
    "whose certificate is a seal's": ("no-stamper", "not one of a timestamp authority"),
    "whose purpose is not critical": ("soft-stamper", "not one of a timestamp authority"),
    "whose certificate a seal issued": ("false-stamper", "« elliptic » is no authority"),
    "of another root": ("stranger", "leads to no certificate that is trusted"),
}


@pytest.mark.parametrize(("label", "said"), STAMPERS.values(), ids=STAMPERS.keys())
def test_an_authority_that_may_not_stamp_is_not_believed(world: World, label: str, said: str) -> None:
    with pytest.raises(NoTimestamp, match=said):
        ask(stamper(world, label))


def test_an_authority_under_another_name_of_trust_is_unknown(world: World) -> None:
    stamp = ask(stamper(world))
    with pytest.raises(UnknownAuthority):
        tokens.read(stamp.token, digest=DIGEST, trusted=(world.certificate("stranger"),))
    assert tokens.read(stamp.token, digest=DIGEST, trusted=(world.certificate("issuer"),)).token == stamp.token


def test_a_clock_that_is_wrong_dates_nothing(world: World) -> None:
    for at in (NOW - HOUR, NOW + HOUR):
        world.until(at)
        with pytest.raises(NoTimestamp, match="our clock"):
            ask(stamper(world))


def test_a_policy_is_insisted_on(world: World) -> None:
    assert ask(stamper(world, policy="1.3.6.1.4.1.4146.2.3")).at == NOW
    with pytest.raises(NoTimestamp, match="policy"):
        ask(stamper(world, policy="1.2.3.4"))


def test_an_authority_that_says_nothing_is_not_waited_for(world: World) -> None:
    world.server.answers["/silent"] = world.silent
    silent = Authority(name="silent", url=world.url + "/silent", trusted=(world.certificate("root"),))
    with pytest.raises(NoTimestamp, match="Timeout"):
        ask(silent, timeout=0.2)


def test_nor_one_that_is_not_there() -> None:
    with pytest.raises(NoTimestamp, match=r"127\.0\.0\.1:1 does not answer"):
        ask(Authority(name="nobody", url="http://127.0.0.1:1/", trusted=()))


@pytest.mark.parametrize("url", ["file:///etc/passwd", "ftp://127.0.0.1/", "http://", "http://[", "nonsense", ""])
def test_only_the_web_is_asked(url: str) -> None:
    with pytest.raises(NoTimestamp):
        ask(Authority(name="nobody", url=url, trusted=()))


def test_the_login_goes_to_the_authority_and_into_no_message(world: World) -> None:
    heard = []

    def application(environ: dict[str, Any], start: Start) -> Iterable[bytes]:
        heard.append(environ.get("HTTP_AUTHORIZATION"))
        start("401 Unauthorized", [])
        return [b""]

    world.server.answers["/private"] = application
    private = Authority(name="private", url=world.url + "/private", trusted=(), user="réseau", password=Secret("open-sesame"))
    with pytest.raises(NoTimestamp) as caught:
        ask(private)
    assert heard == ["Basic " + b64encode("réseau:open-sesame".encode("latin-1")).decode()]
    assert "sesame" not in f"{caught.value} {caught.value!r} {private!r}"


def test_an_authority_is_not_asked_beyond_its_quota_or_during_its_pause(world: World) -> None:
    gate = Gate(stamper=1)
    assert ask(stamper(world), gate=gate).at == NOW
    with pytest.raises(NoTimestamp, match="quota"):
        ask(stamper(world), gate=gate)
    assert len(world.server.asked) == 1
    again = replace(stamper(world), name="second")
    assert ask(stamper(world), again, gate=gate).at == NOW


def test_without_any_authority_there_is_no_timestamp() -> None:
    with pytest.raises(NoTimestamp, match="None is configured"):
        ask()


@pytest.mark.parametrize("label", ["seal", "elliptic"])
def test_the_seal_takes_it_into_the_place_that_was_kept(world: World, label: str, tmp_path: Path) -> None:
    sealed = seal(invoice_pdf(), key=world.key(label), at=NOW, room=ROOM)
    stamp = timestamp(digest_to_timestamp(sealed), authorities=[stamper(world)], turnstile=Gate(), at=NOW, timeout=5)
    stamped = timestamped(sealed, token=stamp.token)
    assert len(stamped) == len(sealed)
    file = tmp_path / "stamped.pdf"
    file.write_bytes(stamped)
    root = asn1_x509.Certificate.load(world.certificate("root").public_bytes(Encoding.DER))
    status = validate_pdf_signature(
        PdfFileReader(io.BytesIO(stamped)).embedded_regular_signatures[0], ValidationContext(trust_roots=[root], moment=NOW)
    )
    assert status.bottom_line
    assert status.timestamp_validity is not None
    assert status.timestamp_validity.valid
    assert status.timestamp_validity.timestamp == NOW
    poppler = subprocess.run(["pdfsig", "-nocert", file], capture_output=True, text=True, check=True).stdout
    assert "Signature is Valid" in poppler
    assert "Total document signed" in poppler


def test_without_room_there_is_no_timestamp_in_it(world: World) -> None:
    sealed = seal(invoice_pdf(), key=world.key("seal"), at=NOW)
    stamp = timestamp(digest_to_timestamp(sealed), authorities=[stamper(world)], turnstile=Gate(), at=NOW, timeout=5)
    with pytest.raises(ValueError, match="larger than the place"):
        timestamped(sealed, token=stamp.token)
