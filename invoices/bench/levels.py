"""Sealing at each level of EN 319 142-1, without the network: statements are at hand, the authority's time is not counted.

What is counted beside sealing: reading and checking each token, finding the statements, and what is written into the file.
"""

import datetime as dt
from collections.abc import Sequence

from invoices.bench.authority import Authority
from invoices.bench.stopwatch import Spent, Stopwatch
from invoices.sealing import prolonging
from invoices.sealing.keys import fingerprint
from invoices.sealing.prolonging import PreparedArchiving
from invoices.sealing.revocation import validation_data
from invoices.sealing.seal import seal
from invoices.sealing.tokens import Timestamp, read
from invoices.sealing.validation_data import ValidationData
from invoices.sealing.verdicts import Pades
from invoices.sealing.verification import verify


class Levels:
    """Seals with the authority's key, at that instant, and adds to what was spent."""

    def __init__(self, authority: Authority, *, at: dt.datetime, spent: Spent) -> None:
        self._authority, self._at, self._spent = authority, at, spent
        self._ours = {fingerprint(authority.key.chain[0]): authority.key.home}

    def sealed(self, pdf: bytes) -> bytes:
        """At B-B, as a seal that nothing is to be added to."""
        sealed = self._spent.on("seal", lambda: seal(pdf, key=self._authority.key, at=self._at))
        self._judge(sealed, level=Pades.B, name="verify")
        return sealed

    def prolong(self, pdfs: Sequence[bytes]) -> None:
        """The same at B-T, and from there at B-LT and at B-LTA. Twice, since only then the authority has all tokens ready
        and none is made in between; what the first time cost is forgotten."""
        spent, self._spent = self._spent, Spent()
        for pdf in pdfs:
            self._prolong(pdf)
        self._spent = spent
        for pdf in pdfs:
            self._prolong(pdf)

    def _prolong(self, pdf: bytes) -> None:
        to_t, to_lt, to_lta = Stopwatch(), Stopwatch(), Stopwatch()
        sealed = to_t.of(lambda: seal(pdf, key=self._authority.key, at=self._at, room=prolonging.ROOM))
        stamp = self._stamp(to_t.of(lambda: prolonging.digest_to_timestamp(sealed)), watch=to_t)
        stamped = to_t.of(lambda: prolonging.timestamped(sealed, token=stamp.token))
        data = to_lt.of(lambda: self._data(sealed, stamp=stamp))
        to_lta.ms = to_lt.ms
        valid = to_lt.of(lambda: prolonging.with_validation_data(stamped, data=data))
        prepared: PreparedArchiving = to_lta.of(lambda: prolonging.prepare_archiving(stamped, data=data))
        last = self._stamp(prepared.digest, watch=to_lta)
        archived = to_lta.of(lambda: prepared.archived(token=last.token))
        self._judge(stamped, level=Pades.T, name="verify_bt")
        self._judge(valid, level=Pades.LT, name="verify_blt")
        self._judge(archived, level=Pades.LTA, name="verify_blta")
        self._spent["bt"].append(to_t.ms)
        self._spent["blt"].append(to_t.ms + to_lt.ms)
        self._spent["blta"].append(to_t.ms + to_lta.ms)

    def _stamp(self, digest: bytes, *, watch: Stopwatch) -> Timestamp:
        """A timestamp whose making is not counted, but its checking."""
        token = self._authority.token(digest)
        return watch.of(lambda: read(token, digest=digest, trusted=self._authority.trusted))

    def _data(self, sealed: bytes, *, stamp: Timestamp) -> ValidationData:
        data = ValidationData()
        for chain in (prolonging.chain_of_seal(sealed), stamp.chain):
            data |= validation_data(chain, cache=self._authority.known, at=self._at, timeout=1)
        return data

    def _judge(self, pdf: bytes, *, level: Pades, name: str) -> None:
        """Only what is right is worth measuring. Raises RuntimeError."""
        verdict = self._spent.on(name, lambda: verify(pdf, ours=self._ours, authorities=self._authority.trusted))
        if not verdict.ours or verdict.pades != level:
            raise RuntimeError(f"not a right seal of level {level}: {verdict.why}")
