from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable

_WORDS = """
auto break case char const continue default do double else enum extern float for goto if inline int long register
restrict return short signed sizeof static struct switch typedef union unsigned void volatile while
alignas alignof and asm bool catch class constexpr delete explicit export false friend mutable namespace new not nullptr
operator or private protected public template this thread_local throw true try typeid typename using virtual wchar_t xor
main
"""
# Of C, and of C++ for whoever includes the header there.
_KEYWORDS = frozenset(_WORDS.split())
_LONGEST = 40


def identifier(name: str, otherwise: str = "net") -> str:
    """A name as an identifier of C: ASCII letters, digits and underscores, beginning with a letter.

    Accents are taken off letters, and what is left that C does not take becomes an underscore. What would begin with a
    digit or is a word of the language gets `otherwise` before it.

    Args:
        name: Any text.
        otherwise: What is put before it, and what a name without a letter or digit becomes.
    """
    plain = unicodedata.normalize("NFKD", name)
    plain = "".join(c for c in plain if not unicodedata.combining(c))
    text = re.sub(r"[^A-Za-z0-9]+", "_", plain).strip("_")[:_LONGEST].rstrip("_")
    if not text:
        return otherwise
    return f"{otherwise}_{text}" if text[0].isdigit() or text.lower() in _KEYWORDS else text


def identifiers(names: Iterable[str], otherwise: str) -> list[str]:
    """Names as identifiers, each once: those that would come again get a number behind them."""
    taken: set[str] = set()
    result = []
    for name in names:
        base = identifier(name, otherwise)
        text, number = base, 1
        while text.lower() in taken:
            number += 1
            text = f"{base}_{number}"
        taken.add(text.lower())
        result.append(text)
    return result
