"""Whether a certificate is revoked is asked of its responder, else read in its issuer's list; who is revoked seals nothing."""

import datetime as dt
from collections.abc import Iterable, Iterator
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding

from invoices.sealing import fetching
from invoices.sealing.keys import SealKeyUnavailable
from invoices.sealing.revocation import Cache, CertificateRevoked, RevocationUnknown, validation_data
from invoices.sealing.validation_data import NotProven, Revoked, ValidationData, crl_statement, proof_for
from tests.invoices.authorities import Application, Start, World, answering, authority
from tests.invoices.prolonged import stamped
from tests.invoices.seals import NOW, key_named

MINUTE = dt.timedelta(minutes=1)


@pytest.fixture(scope="module")
def running() -> Iterator[World]:
    with authority() as world:
        yield world


@pytest.fixture
def world(running: World) -> Iterator[World]:
    running.until(NOW)
    yield running
    running.server.answers.clear()
    running.server.asked.clear()


def data_of(world: World, label: str = "seal", *, cache: Cache | None = None, at: dt.datetime = NOW, timeout: float = 5) -> ValidationData:
    return validation_data(world.key(label).chain, cache={} if cache is None else cache, at=at, timeout=timeout)


def test_the_responder_is_asked_for_the_seal_and_the_list_is_read_for_its_issuer(world: World) -> None:
    data = data_of(world)
    assert world.server.asked == [world.path("ocsp", "issuer"), world.path("crls", "root") + "/latest.crl"]
    assert (len(data.ocsps), len(data.crls)) == (1, 1)
    assert proof_for(world.key("seal").chain, among=data, at=NOW) == data


def test_what_was_asked_is_used_again_while_it_is_fresh(world: World) -> None:
    cache: Cache = {}
    first = data_of(world, cache=cache)
    assert data_of(world, cache=cache, at=NOW + 9 * MINUTE) == first
    assert len(world.server.asked) == 2
    world.until(NOW + 11 * MINUTE)  # the responder's answers hold ten minutes, the list as long as we keep it
    assert data_of(world, cache=cache, at=NOW + 11 * MINUTE).ocsps != first.ocsps
    assert len(world.server.asked) == 3
    world.until(NOW + 61 * MINUTE)
    data_of(world, cache=cache, at=NOW + 61 * MINUTE)
    assert len(world.server.asked) == 5


@pytest.mark.parametrize("responder", [True, False], ids=["says its responder", "says its issuer's list"])
def test_a_revoked_certificate_seals_nothing(world: World, responder: bool) -> None:
    if not responder:
        world.server.answers[world.path("ocsp", "issuer")] = answering(b"", status="503 Service Unavailable")
    with pytest.raises(CertificateRevoked, match="« revoked » is revoked since 2026-10-31") as caught:
        data_of(world, "revoked")
    assert isinstance(caught.value, SealKeyUnavailable)


def test_nor_does_a_revoked_timestamp_authority_date_anything(world: World) -> None:
    chain = stamped(world, bytes(32), label="revoked-stamper").chain
    with pytest.raises(CertificateRevoked, match="« revoked stamper »"):
        validation_data(chain, cache={}, at=NOW, timeout=5)


def test_without_its_responder_the_list_is_read(world: World) -> None:
    world.server.answers[world.path("ocsp", "issuer")] = answering(b"", status="503 Service Unavailable")
    data = data_of(world)
    assert (len(data.ocsps), len(data.crls)) == (0, 2)
    assert proof_for(world.key("seal").chain, among=data, at=NOW) == data


WRONG: dict[str, tuple[Application, str]] = {
    "down": (answering(b"", status="500 Internal Server Error"), "status 500"),
    "a page": (answering(b"<html>Welcome</html>"), "no OCSP answer"),
    "nothing": (answering(b""), "no OCSP answer"),
    "10 MB": (answering(bytes(10_000_000)), "more than"),
    "sent to a file": (answering(b"", status="302 Found", headers=[("Location", "file:///etc/passwd")]), "status 302"),
    "try later": (answering(bytes.fromhex("30030a0103")), "TRY_LATER"),
}


@pytest.mark.parametrize(("answer", "said"), WRONG.values(), ids=WRONG.keys())
def test_nothing_is_sealed_while_nobody_says(world: World, answer: Application, said: str) -> None:
    world.server.answers["/network/"] = answer
    with pytest.raises(RevocationUnknown, match=said) as caught:
        data_of(world)
    assert "« seal »" in str(caught.value)


def test_nobody_is_waited_for(world: World) -> None:
    world.server.answers["/network/"] = world.silent
    with pytest.raises(RevocationUnknown, match="Timeout"):
        data_of(world, timeout=0.2)


def test_an_answer_in_drops_is_not_waited_for(world: World) -> None:
    def drops(environ: dict[str, Any], start: Start) -> Iterable[bytes]:
        start("200 OK", [("Content-Length", "60000")])
        while not world.let_go.wait(0.05):
            yield b"0"

    world.server.answers["/network/"] = drops
    with pytest.raises(fetching.NoAnswer, match="too slowly"):
        fetching.fetch(world.url + "/network/", at_most=100_000, timeout=0.2)


def answers_of(world: World, *, at: dt.datetime) -> Application:
    """What the authority said at another instant."""
    assert world.server.application is not None
    now = world.at
    application = world.until(at).server.application
    world.until(now)
    assert application is not None
    return application


@pytest.mark.parametrize("days", [-100, 100])
def test_an_answer_of_another_time_is_not_taken(world: World, days: int) -> None:
    world.server.answers["/network/"] = answers_of(world, at=NOW + dt.timedelta(days=days))
    with pytest.raises(RevocationUnknown, match=r"held until|its clock"):
        data_of(world)


def test_an_answer_about_another_certificate_is_not_taken(world: World) -> None:
    about_another = data_of(world, "elliptic").ocsps[0]
    world.server.answers["/network/ocsp"] = answering(about_another)
    world.server.answers["/network/crls"] = answering(b"", status="404 Not Found")
    with pytest.raises(RevocationUnknown, match="another certificate"):
        data_of(world)


def test_a_list_of_another_issuer_is_not_taken(world: World) -> None:
    of_root = data_of(world).crls[0]
    world.server.answers["/network/ocsp"] = answering(b"", status="404 Not Found")
    world.server.answers["/network/crls/issuer"] = answering(of_root)
    with pytest.raises(RevocationUnknown, match="not the issuer's"):
        data_of(world)


def listing(world: World, *extensions: x509.ExtensionType, by: str = "issuer") -> bytes:
    """A list of the issuer's, with these critical extensions."""
    builder = x509.CertificateRevocationListBuilder(
        issuer_name=world.certificate("issuer").subject, last_update=NOW, next_update=NOW + MINUTE
    )
    for extension in extensions:
        builder = builder.add_extension(extension, critical=True)
    return builder.sign(world.keys[by], SHA256()).public_bytes(Encoding.DER)


def scope(**only: bool) -> x509.IssuingDistributionPoint:
    said = dict.fromkeys(("only_contains_user_certs", "only_contains_ca_certs", "indirect_crl", "only_contains_attribute_certs"), False)
    return x509.IssuingDistributionPoint(full_name=None, relative_name=None, only_some_reasons=None, **said | only)


ELSEWHERE = x509.IssuingDistributionPoint(
    full_name=[x509.UniformResourceIdentifier("http://127.0.0.1/another/part.crl")], relative_name=None, only_some_reasons=None,
    only_contains_user_certs=False, only_contains_ca_certs=False, indirect_crl=False, only_contains_attribute_certs=False,
)  # fmt: skip
OTHER_LISTS: dict[str, x509.ExtensionType] = {
    "of authorities": scope(only_contains_ca_certs=True),
    "of others' certificates too": scope(indirect_crl=True),
    "of attributes": scope(only_contains_attribute_certs=True),
    "of another part": ELSEWHERE,
    "of changes only": x509.DeltaCRLIndicator(1),
    "with something critical": x509.UnrecognizedExtension(x509.ObjectIdentifier("1.2.3.4"), b"\x05\x00"),
}


@pytest.mark.parametrize("extension", OTHER_LISTS.values(), ids=OTHER_LISTS.keys())
def test_a_list_that_may_lack_the_certificate_is_not_believed(world: World, extension: x509.ExtensionType) -> None:
    certificate, issuer = world.key("seal").chain[:2]
    for right in (listing(world), listing(world, scope(only_contains_user_certs=True))):
        assert crl_statement(right, certificate=certificate, issuer=issuer, at=NOW).revoked is None
    with pytest.raises(NotProven):
        crl_statement(listing(world, extension), certificate=certificate, issuer=issuer, at=NOW)
    with pytest.raises(NotProven):
        crl_statement(listing(world, by="root"), certificate=certificate, issuer=issuer, at=NOW)


def test_no_byte_of_an_answer_can_be_changed(world: World) -> None:
    data = data_of(world)
    for kind in ("ocsps", "crls"):
        (encoded,) = getattr(data, kind)
        for offset in range(len(encoded)):
            changed = bytearray(encoded)
            changed[offset] ^= 1
            other = data - ValidationData(**{kind: (encoded,)}) | ValidationData(**{kind: (bytes(changed),)})
            with pytest.raises(NotProven):
                proof_for(world.key("seal").chain, among=other, at=NOW)


def test_a_certificate_that_names_nobody_to_ask_is_refused_and_one_that_is_never_revoked_is_not(world: World) -> None:
    chain = key_named("Réseau Relais").chain
    with pytest.raises(RevocationUnknown, match="names nobody to ask"):
        validation_data(chain, cache={}, at=NOW, timeout=5)
    assert validation_data(chain[1:], cache={}, at=NOW, timeout=5).ocsps == ()


def test_data_that_say_revoked_prove_nothing_else(world: World) -> None:
    with pytest.raises(Revoked):
        proof_for(world.key("revoked").chain, among=_said_of_revoked(world), at=NOW)


def _said_of_revoked(world: World) -> ValidationData:
    answer = fetching.fetch(f"{world.url}/network/crls/issuer/latest.crl", at_most=100_000, timeout=5)
    return ValidationData(crls=(answer, *data_of(world).crls))
