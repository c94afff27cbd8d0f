"""What a seal truly is, in the terms of eIDAS: read from its certificate and from where its key is, never from the PDF.

Whether the issuer is a qualified one stands on the Union's trusted lists, which are not consulted here: the operator
answers for having bought the certificate from one.
"""

import re
from collections.abc import Sequence
from enum import StrEnum

from cryptography import x509

from invoices.sealing import der
from invoices.sealing.keys import Home

QC_STATEMENTS = x509.ObjectIdentifier("1.3.6.1.5.5.7.1.3")  # RFC 3739 §3.2.6
# EN 319 412-5 §§4.2 and 5
QC_COMPLIANCE = der.object_identifier("0.4.0.1862.1.1")
QC_SSCD = der.object_identifier("0.4.0.1862.1.4")
QC_TYPE = der.object_identifier("0.4.0.1862.1.6")
QC_TYPE_SEAL = der.object_identifier("0.4.0.1862.1.6.2")
QC_LEGISLATION = der.object_identifier("0.4.0.1862.1.7")  # qualified by the law of these countries, not the Union's


class Level(StrEnum):
    """The levels a seal may have; only the last is the qualified seal of CGI art. 289 VII 4°."""

    TEST = "test"
    ADVANCED = "advanced"
    ADVANCED_QUALIFIED_CERTIFICATE = "advanced with qualified certificate"
    QUALIFIED = "qualified"


def level_of(chain: Sequence[x509.Certificate], *, home: Home) -> Level:
    """The level of a seal by the first certificate of that chain, whose key is there.

    A key at a provider is in the provider's device; its certificate answers for that, as for a token of ours.

    Source: regulation (EU) 910/2014 art. 3 (25) to (32), annex III; EN 319 412-5.
    """
    if any(re.search(r"\bTEST\b", one.issuer.rfc4514_string(), re.IGNORECASE) for one in chain):
        return Level.TEST
    statements = _statements(chain[0])
    # exactly for seals: one that is for a person's signatures too, or says nothing of it, is no seal's (EN 319 412-5 §4.2.3)
    for_seals = statements.get(QC_TYPE) == [QC_TYPE_SEAL]
    if QC_COMPLIANCE not in statements or not for_seals or QC_LEGISLATION in statements:
        return Level.ADVANCED
    if QC_SSCD in statements and home == Home.DEVICE:
        return Level.QUALIFIED
    return Level.ADVANCED_QUALIFIED_CERTIFICATE


def _statements(certificate: x509.Certificate) -> dict[bytes, list[bytes]]:
    """What a certificate states of itself: identifier -> what is listed with it. Nothing, if it cannot be read or says a thing twice."""
    try:
        value = certificate.extensions.get_extension_for_oid(QC_STATEMENTS).value
        if not isinstance(value, x509.UnrecognizedExtension):
            return {}
        found: dict[bytes, list[bytes]] = {}
        for statement in der.only(value.value, der.SEQUENCE):
            identifier, *listed = der.inside(statement, der.SEQUENCE)
            if identifier.whole in found:
                return {}
            found[identifier.whole] = [item.whole for one in listed if one.tag == der.SEQUENCE for item in der.inside(one, der.SEQUENCE)]
    except (x509.ExtensionNotFound, x509.DuplicateExtension, ValueError):
        return {}
    return found
