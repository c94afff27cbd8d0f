"""Seal a PDF: one incremental update with an invisible field "Seal", PAdES B-B (EN 319 142-1), the whole file covered.

DocMDP permission 1 (ISO 32000-2 §12.8.2.2): no later change but timestamps and validation data, which renew the proof.
"""

import datetime as dt
import hashlib
import io
from dataclasses import dataclass

from cryptography import x509
from pyhanko.pdf_utils.generic import ByteStringObject, pdf_name
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.sign.fields import MDPPerm, SigFieldSpec, SigSeedSubFilter
from pyhanko.sign.signers.cms_embedder import PdfCMSEmbedder, SigIOSetup, SigMDPSetup, SigObjSetup
from pyhanko.sign.signers.pdf_byterange import SignatureObject

from invoices.sealing.cms import Envelope
from invoices.sealing.keys import SealKey, check_it_may_seal

FIELD = "Seal"
CERTIFICATES = "/SealCertificates"  # a key of ours: the SHA-256 of those in the CMS, which otherwise nothing protects


class _Update(IncrementalPdfFileWriter):
    """pyHanko's update, which leaves XMP and Info as they are: the Factur-X metadata come out byte for byte."""

    def _update_meta(self) -> None:
        pass


@dataclass(frozen=True, slots=True, kw_only=True)
class Prepared:
    """A PDF with its place for the seal. to_sign: the SHA-256 that the key signs."""

    pdf: bytes
    chain: tuple[x509.Certificate, ...]
    digest: bytes  # of the whole file but the place itself
    place: tuple[int, int]  # of the hexadecimal digits
    to_sign: bytes

    def sealed(self, signature: bytes) -> bytes:
        """The sealed PDF. signature: over to_sign, by the key whose signature_size was reserved."""
        start, end = self.place
        cms = Envelope(self.chain).filled(digest=self.digest, signature=signature)
        digits = cms.hex().upper().encode().ljust(end - start, b"0")
        if len(digits) != end - start:
            raise ValueError("the signature is larger than the key said")
        return b"".join((self.pdf[:start], digits, self.pdf[end:]))


def seal(pdf: bytes, *, key: SealKey, at: dt.datetime) -> bytes:
    """Seal a PDF that carries no seal yet. at: the instant of sealing, aware.

    Raises SealKeyUnavailable, or what the key raises (Unavailable).
    """
    prepared = prepare(pdf, key=key, at=at)
    (signature,) = key.sign([prepared.to_sign])
    return prepared.sealed(signature)


def prepare(pdf: bytes, *, key: SealKey, at: dt.datetime) -> Prepared:
    """The first half of seal(), which signs nothing: for a key that signs many digests at once, or elsewhere.

    Raises SealKeyUnavailable if the certificate may not seal at that instant.
    """
    check_it_may_seal(key.chain[0], at=at)
    envelope = Envelope(key.chain)
    embedding = PdfCMSEmbedder(SigFieldSpec(FIELD)).write_cms(FIELD, _Update(io.BytesIO(pdf)))
    next(embedding)
    dictionary = SignatureObject(
        timestamp=at.astimezone(dt.UTC),
        subfilter=SigSeedSubFilter.PADES,
        bytes_reserved=2 * envelope.size(key.signature_size),
    )
    dictionary[pdf_name(CERTIFICATES)] = ByteStringObject(envelope.certificates_sha256)
    embedding.send(SigObjSetup(dictionary, SigMDPSetup("sha256", certify=True, docmdp_perms=MDPPerm.NO_CHANGES)))
    covered, output = embedding.send(SigIOSetup("sha256"))
    digest = covered.document_digest
    return Prepared(
        pdf=output.getvalue(),
        chain=key.chain,
        digest=digest,
        place=(covered.reserved_region_start + 1, covered.reserved_region_end - 1),
        to_sign=hashlib.sha256(envelope.to_sign(digest)).digest(),
    )
