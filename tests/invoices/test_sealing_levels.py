"""A seal is called what its certificate and its key's home make it, never more (domain: the tenth trap)."""

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

from invoices.sealing import der
from invoices.sealing.keys import Home
from invoices.sealing.levels import QC_STATEMENTS, Level, level_of
from tests.invoices.seals import key_named


def statement(dotted: str, *listed: str) -> bytes:
    information = [der.encode(der.SEQUENCE, *(der.object_identifier(one) for one in listed))] if listed else []
    return der.encode(der.SEQUENCE, der.object_identifier(dotted), *information)


COMPLIANCE = statement("0.4.0.1862.1.1")
DEVICE = statement("0.4.0.1862.1.4")
FOR_SEALS = statement("0.4.0.1862.1.6", "0.4.0.1862.1.6.2")
FOR_SIGNATURES = statement("0.4.0.1862.1.6", "0.4.0.1862.1.6.1")
RETENTION = der.encode(
    der.SEQUENCE, der.object_identifier("0.4.0.1862.1.3"), der.encode(der.INTEGER, b"\x0a")
)  # a statement that lists nothing
FOR_BOTH = statement("0.4.0.1862.1.6", "0.4.0.1862.1.6.1", "0.4.0.1862.1.6.2")
FOR_WEB_SITES = statement("0.4.0.1862.1.6", "0.4.0.1862.1.6.3")


def by_the_law_of(country: bytes) -> bytes:
    return der.encode(der.SEQUENCE, der.object_identifier("0.4.0.1862.1.7"), der.encode(der.SEQUENCE, der.encode(0x13, country)))


SOFTWARE, TOKEN = Home.SOFTWARE, Home.DEVICE


@pytest.mark.parametrize(
    ("statements", "home", "level"),
    [
        ([], TOKEN, Level.ADVANCED),
        ([COMPLIANCE, FOR_SEALS, DEVICE], TOKEN, Level.QUALIFIED),
        ([RETENTION, FOR_SEALS, COMPLIANCE, DEVICE], TOKEN, Level.QUALIFIED),
        ([COMPLIANCE, FOR_SEALS, DEVICE], SOFTWARE, Level.ADVANCED_QUALIFIED_CERTIFICATE),  # the file belies it
        ([COMPLIANCE, FOR_SEALS], TOKEN, Level.ADVANCED_QUALIFIED_CERTIFICATE),
        ([COMPLIANCE, DEVICE], TOKEN, Level.ADVANCED),  # without a type it is a person's signature
        ([COMPLIANCE, FOR_SIGNATURES, DEVICE], TOKEN, Level.ADVANCED),
        ([FOR_SEALS, DEVICE], TOKEN, Level.ADVANCED),
        ([COMPLIANCE, FOR_SIGNATURES], SOFTWARE, Level.ADVANCED),
        ([COMPLIANCE, FOR_BOTH, DEVICE], TOKEN, Level.ADVANCED),
        ([COMPLIANCE, FOR_WEB_SITES, DEVICE], TOKEN, Level.ADVANCED),
        ([COMPLIANCE, FOR_SEALS, DEVICE, by_the_law_of(b"CH")], TOKEN, Level.ADVANCED),
        ([COMPLIANCE, FOR_SEALS, DEVICE, by_the_law_of(b"GB")], TOKEN, Level.ADVANCED),
        ([COMPLIANCE, FOR_SIGNATURES, FOR_SEALS, DEVICE], TOKEN, Level.ADVANCED),  # it says two things of one
        ([DEVICE], SOFTWARE, Level.ADVANCED),
    ],
)
def test_the_level_is_what_the_certificate_and_the_home_say(statements: list[bytes], home: Home, level: Level) -> None:
    extension = x509.UnrecognizedExtension(QC_STATEMENTS, der.encode(der.SEQUENCE, *statements))
    chain = key_named("Réseau Relais", more=[extension] if statements else [], elliptic=True).chain
    assert level_of(chain, home=home) == level


@pytest.mark.parametrize("root", ["TEST root", "Opérateur Test CA", "test"])
def test_under_a_test_root_it_is_a_test_whatever_it_states(root: str) -> None:
    all_of_it = der.encode(der.SEQUENCE, COMPLIANCE, FOR_SEALS, DEVICE)
    extension = x509.UnrecognizedExtension(QC_STATEMENTS, all_of_it)
    chain = key_named("Réseau Relais", root=root, more=[extension], elliptic=True).chain
    assert level_of(chain, home=TOKEN) == Level.TEST
    assert level_of(chain[:1], home=TOKEN) == Level.TEST  # the root itself need not be there


def test_a_shop_may_be_called_test() -> None:
    assert level_of(key_named("TEST SARL", elliptic=True).chain, home=SOFTWARE) == Level.ADVANCED
    assert level_of(key_named("Réseau", root="Attestations", elliptic=True).chain, home=SOFTWARE) == Level.ADVANCED


@pytest.mark.parametrize("unreadable", [b"", b"\x30\x05\x01", b"\x30\x02\x30\x00", b"\x04\x00"])
def test_statements_that_cannot_be_read_state_nothing(unreadable: bytes) -> None:
    extension = x509.UnrecognizedExtension(QC_STATEMENTS, unreadable)
    chain = key_named("Réseau Relais", more=[extension], elliptic=True).chain
    assert level_of(chain, home=TOKEN) == Level.ADVANCED


@pytest.mark.parametrize(
    "value",
    [
        b"",
        b"\x30",
        b"\x30\x80\x00\x00",  # BER's indefinite length
        b"\x30\x02\x30\x00",  # a statement without an identifier
        COMPLIANCE + FOR_SEALS + DEVICE,  # not in a sequence
        der.encode(der.SET, COMPLIANCE, FOR_SEALS, DEVICE),
        der.encode(der.SEQUENCE, COMPLIANCE, FOR_SEALS, DEVICE) + b"\x05\x00",
        der.encode(der.SEQUENCE, COMPLIANCE, FOR_SEALS, DEVICE)[:-1],
        der.encode(der.SEQUENCE, COMPLIANCE, FOR_SEALS, DEVICE, b"\x04\x01x"),
        b"\xff" * 40,
    ],
)
def test_what_cannot_be_read_states_nothing(value: bytes) -> None:
    chain = key_named("Réseau Relais", more=[x509.UnrecognizedExtension(QC_STATEMENTS, value)], elliptic=True).chain
    assert level_of(chain, home=TOKEN) == Level.ADVANCED


def test_a_certificate_that_states_itself_twice_states_nothing() -> None:
    """Whoever reads the first, and whoever reads the second, would say two things."""
    statements = x509.UnrecognizedExtension(QC_STATEMENTS, der.encode(der.SEQUENCE, COMPLIANCE, FOR_SEALS, DEVICE))
    twin = x509.UnrecognizedExtension(x509.ObjectIdentifier("1.3.6.1.5.5.7.1.4"), statements.value)
    ours = key_named("Réseau Relais", more=[statements, twin], elliptic=True).chain[0].public_bytes(Encoding.DER)
    doubled = x509.load_der_x509_certificate(
        ours.replace(der.object_identifier("1.3.6.1.5.5.7.1.4"), der.object_identifier("1.3.6.1.5.5.7.1.3"))
    )
    assert level_of([doubled], home=TOKEN) == Level.ADVANCED


@pytest.mark.parametrize("root", ["TEST CA", "Autorité de test", "Certification (Test) 3"])
def test_what_a_test_authority_certifies_is_a_test(root: str) -> None:
    """Authorities sell test certificates with every statement of a real one."""
    extension = x509.UnrecognizedExtension(QC_STATEMENTS, der.encode(der.SEQUENCE, COMPLIANCE, FOR_SEALS, DEVICE))
    chain = key_named("Réseau Relais", root=root, more=[extension], elliptic=True).chain
    assert level_of(chain, home=TOKEN) == Level.TEST
    assert level_of(chain[:1], home=TOKEN) == Level.TEST


def test_a_name_that_only_contains_the_word_is_no_test() -> None:
    assert level_of(key_named("Réseau Relais", root="Attestation SA", elliptic=True).chain, home=SOFTWARE) == Level.ADVANCED
