"""The little of ASN.1's distinguished encoding (X.690, DER) that a seal needs: write, and read with no leniency."""

from typing import NamedTuple

INTEGER, BIT_STRING, OCTET_STRING, OBJECT_IDENTIFIER, GENERALIZED_TIME = 0x02, 0x03, 0x04, 0x06, 0x18
SEQUENCE, SET = 0x30, 0x31
CONTEXT_0, CONTEXT_1 = 0xA0, 0xA1  # [0] and [1], constructed


class Malformed(ValueError):  # noqa: N818  (it is what the bytes are)
    """The bytes are not the DER that was expected."""


class Element(NamedTuple):  # made by the thousand: a dataclass costs twice as much
    """One element. whole: tag, length and content as they stand."""

    tag: int
    content: bytes
    whole: bytes


def encode(tag: int, *contents: bytes) -> bytes:
    """One element of that tag; its content is the contents, joined."""
    content = b"".join(contents)
    size = len(content)
    if size < 0x80:
        return bytes((tag, size)) + content
    length = size.to_bytes((size.bit_length() + 7) // 8, "big")
    return bytes((tag, 0x80 | len(length))) + length + content


def set_of(*elements: bytes) -> bytes:
    """The content of a SET OF: its elements in ascending order (X.690 §11.6)."""
    return b"".join(sorted(elements))


def object_identifier(dotted: str) -> bytes:
    """An OBJECT IDENTIFIER, from its dotted form (X.690 §8.19)."""
    first, second, *others = (int(arc) for arc in dotted.split("."))
    content = bytearray()
    for arc in (first * 40 + second, *others):
        septets = [arc & 0x7F]
        while arc := arc >> 7:
            septets.append(0x80 | arc & 0x7F)
        content += bytes(reversed(septets))
    return encode(OBJECT_IDENTIFIER, bytes(content))


def first(data: bytes) -> Element:
    """The element that data begins with. Raises Malformed."""
    if len(data) < 2 or data[0] & 0x1F == 0x1F:
        raise Malformed("a cut or long tag")
    size, start = data[1], 2
    if size >= 0x80:
        octets = size & 0x7F
        length = data[start : start + octets]
        size, start = int.from_bytes(length, "big"), start + octets
        if not 1 <= octets <= 4 or len(length) < octets or length[0] == 0 or size < 0x80:
            raise Malformed("a length that DER does not allow")
    if start + size > len(data):
        raise Malformed("an element longer than its place")
    return Element(tag=data[0], content=data[start : start + size], whole=data[: start + size])


def elements(data: bytes) -> list[Element]:
    """The elements that lie one after the other in data. Raises Malformed if anything else lies there."""
    found = []
    while data:
        found.append(first(data))
        data = data[len(found[-1].whole) :]
    return found


def inside(element: Element, tag: int) -> list[Element]:
    """The elements of a constructed element of that tag. Raises Malformed."""
    if element.tag != tag:
        raise Malformed(f"tag {element.tag:#x} where {tag:#x} was expected")
    return elements(element.content)


def only(data: bytes, tag: int) -> list[Element]:
    """The elements inside the one element of that tag that data is. Raises Malformed."""
    found = elements(data)
    if len(found) != 1:
        raise Malformed(f"{len(found)} elements where one was expected")
    return inside(found[0], tag)
