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
_LIBRARY = """
assert complex ctype errno fenv float inttypes iso646 limits locale math setjmp signal stdalign stdarg stdatomic
stdbit stdbool stdckdint stddef stdint stdio stdlib stdnoreturn string strings tgmath threads time uchar unistd
wchar wctype alloca endian features ieeefp newlib emmintrin mmintrin xmmintrin mm_malloc
aux con nul prn
"""
# Of C, and of C++ for whoever includes the header there.
_KEYWORDS = frozenset(_WORDS.split())
# A `math.h` beside the code would be read instead of the library's own; Windows has no files of the last names.
_HEADERS = frozenset(_LIBRARY.split())
_LONGEST = 40


def identifier(name: str, otherwise: str = "net") -> str:
    """A name as an identifier of C: ASCII letters, digits and underscores, beginning with a letter.

    Accents are taken off letters, and what is left that C does not take becomes an underscore. What would begin with a
    digit or is a word of the language or one of its headers gets `otherwise` before it.

    Args:
        name: Any text.
        otherwise: What is put before it, and what a name without a letter or digit becomes.
    """
    text = _plain(name)
    if not text:
        return otherwise
    taken = text[0].isdigit() or text.lower() in _KEYWORDS | _HEADERS
    return f"{otherwise}_{text}" if taken else text


def macros(names: Iterable[str], prefix: str) -> list[str]:
    """Names as those of macros behind a prefix, each once: what would come again gets a number behind it.

    Args:
        names: Any texts.
        prefix: What each macro begins with.
    """
    taken: set[str] = set()
    result = []
    for name in names:
        base = f"{prefix}_{_plain(name) or 'NAMELESS'}".upper()
        text, number = base, 1
        while text in taken:
            number += 1
            text = f"{base}_{number}"
        taken.add(text)
        result.append(text)
    return result


def _plain(name: str) -> str:
    """Its letters and digits, accents taken off, and underscores between."""
    plain = unicodedata.normalize("NFKD", name)
    plain = "".join(c for c in plain if not unicodedata.combining(c))
    return re.sub(r"[^A-Za-z0-9]+", "_", plain).strip("_")[:_LONGEST].rstrip("_")
