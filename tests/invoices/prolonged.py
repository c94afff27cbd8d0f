"""A sealed invoice at each level, from B-B to a renewed B-LTA, with a real authority's timestamps and statements."""

from dataclasses import dataclass

from cryptography import x509

from invoices.sealing.chains import Chain
from invoices.sealing.keys import Home, SealKey, fingerprint
from invoices.sealing.prolonging import ROOM, digest_to_timestamp, prepare_archiving, timestamped, with_validation_data
from invoices.sealing.revocation import validation_data
from invoices.sealing.seal import seal
from invoices.sealing.timestamps import Authority, timestamp
from invoices.sealing.tokens import Timestamp
from invoices.sealing.validation_data import ValidationData
from invoices.sealing.verdicts import Verdict
from invoices.sealing.verification import verify
from tests.invoices.authorities import World
from tests.invoices.seals import NOW, invoice_pdf


class Open:
    """A turnstile that lets everybody through."""

    def lets_through(self, authority: Authority) -> bool:
        return True

    def close(self, authority: Authority, *, why: str) -> None:
        raise AssertionError(why)


def stamped(world: World, digest: bytes, *, label: str = "stamper", trusted: x509.Certificate | None = None) -> Timestamp:
    """A timestamp by that authority, at the world's instant."""
    authority = Authority(name=label, url=world.url + world.path("tsa", label), trusted=(trusted or world.certificate("root"),))
    return timestamp(digest, authorities=[authority], turnstile=Open(), at=world.at, timeout=5)


def data_for(world: World, *chains: Chain) -> ValidationData:
    data = ValidationData()
    for chain in chains:
        data |= validation_data(chain, cache={}, at=world.at, timeout=5)
    return data


@dataclass(frozen=True, kw_only=True)
class Levels:
    """The same file, at each level. data: what is in the store of lt; again: what a renewal adds to it."""

    key: SealKey
    root: x509.Certificate
    b: bytes
    t: bytes
    lt: bytes
    lta: bytes
    renewed: bytes
    data: ValidationData
    again: ValidationData

    def judged(self, pdf: bytes) -> Verdict:
        """By whom knows its seal and its authority."""
        return verify(pdf, ours={fingerprint(self.key.chain[0]): Home.SOFTWARE}, authorities=[self.root])


def levels(world: World, *, label: str = "seal", pdf: bytes = b"") -> Levels:
    """Seal and prolong, all at the world's instant."""
    key = world.key(label)
    b = seal(pdf or invoice_pdf(), key=key, at=NOW, room=ROOM)
    of_seal = stamped(world, digest_to_timestamp(b))
    t = timestamped(b, token=of_seal.token)
    data = data_for(world, key.chain, of_seal.chain)
    first = prepare_archiving(t, data=data)
    of_file = stamped(world, first.digest)
    lta = first.archived(token=of_file.token)
    again = data_for(world, of_file.chain)
    second = prepare_archiving(lta, data=again)
    renewed = second.archived(token=stamped(world, second.digest).token)
    renewed = second.archived(token=stamped(world, second.digest).token)
    lt = with_validation_data(t, data=data)
    return Levels(key=key, root=world.certificate("root"), b=b, t=t, lt=lt, lta=lta, renewed=renewed, data=data, again=again)
