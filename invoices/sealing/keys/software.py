"""A key in this process's memory: what the demo's and a PKCS#12 file's key are once they are read."""

from collections.abc import Sequence

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.asymmetric.utils import Prehashed
from cryptography.hazmat.primitives.hashes import SHA256

from invoices.sealing.keys import Home
from invoices.sealing.keys.certificates import signature_size

PrivateKey = rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey


class SoftwareKey:
    """A SealKey whose private key was parsed once and stays in memory."""

    home = Home.SOFTWARE

    def __init__(self, *, private_key: PrivateKey, chain: tuple[x509.Certificate, ...]) -> None:
        self.chain = chain
        self._key = private_key

    @property
    def signature_size(self) -> int:
        """Bytes of a signature, at most."""
        return signature_size(self._key.public_key())

    def sign(self, digests: Sequence[bytes]) -> list[bytes]:
        """Sign SHA-256 digests, in their order."""
        return [self._sign(digest) for digest in digests]

    def _sign(self, digest: bytes) -> bytes:
        if isinstance(self._key, rsa.RSAPrivateKey):
            return self._key.sign(digest, padding.PKCS1v15(), Prehashed(SHA256()))
        return self._key.sign(digest, ec.ECDSA(Prehashed(SHA256())))
