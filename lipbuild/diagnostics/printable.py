"""Text of a config, of data or of a file name as it can be shown: nothing in it steers what shows it."""

from __future__ import annotations

import re
import unicodedata

_BETWEEN = re.compile(r"[^\n\t]+")


def printable(text: str) -> str:
    """The text with each control character as a visible sign, one for one.

    Tabs become blanks. Control characters, and the marks that turn the direction of writing (which can make
    a line read as what it is not), would otherwise act on the terminal. Marks without a width and halves of
    surrogate pairs are not seen, or cannot be written.
    """
    if text.isprintable():
        return text
    return "".join(map(_visible, text))


def _visible(character: str) -> str:
    if character.isprintable() or unicodedata.category(character) == "Zs":
        return character
    if character == "\t":
        return " "
    code = ord(character)
    if code < 0x20:
        return chr(0x2400 + code)
    return "␡" if code == 0x7F else "�"


def printable_lines(text: str) -> str:
    """The same of a text of several lines, which stay, as do tabs."""
    if text.isprintable():
        return text
    return _BETWEEN.sub(lambda found: printable(found[0]), text)


def escaped(text: str) -> str:
    """The text on one line, each character that is not printable as an escape: what stands in a comment of YAML."""
    return "".join(c if c.isprintable() else ascii(c)[1:-1] for c in text)
