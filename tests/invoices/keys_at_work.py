"""What the tests of every key's home ask: is the seal a valid one to a stranger, and does an error keep its secrets?"""

import io
import traceback

from asn1crypto import x509 as asn1_x509
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.validation import validate_pdf_signature
from pyhanko_certvalidator import ValidationContext

from tests.invoices.seals import NOW


def is_valid_to_pyhanko(pdf: bytes, *, root: x509.Certificate) -> bool:
    """Whether pyHanko, which trusts that root, finds the seal valid and whole."""
    anchor = asn1_x509.Certificate.load(root.public_bytes(Encoding.DER))
    context = ValidationContext(trust_roots=[anchor], moment=NOW, allow_fetching=False)
    return bool(validate_pdf_signature(PdfFileReader(io.BytesIO(pdf)).embedded_regular_signatures[0], context).bottom_line)


def shown(error: BaseException) -> str:
    """All that the most talkative reporter could show of an error: messages and local variables, of its causes too.

    But for the tests' own frames, which know the secrets.
    """
    told = traceback.TracebackException.from_exception(error, capture_locals=True)
    theirs = [frame for frame in told.stack if "/tests/" not in frame.filename]
    said = "".join([*traceback.StackSummary.from_list(theirs).format(), *told.format_exception_only()])
    return said + "".join(shown(one) for one in (error.__cause__, error.__context__) if one is not None)
