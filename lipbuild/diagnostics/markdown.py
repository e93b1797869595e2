from __future__ import annotations

import re
from html import escape

from lipbuild.diagnostics.printable import printable

# What Markdown gives a meaning within a line, addresses included.
_MARKUP = re.compile(r"([\\`*_\[\]|~#$@]|(?<=:)/(?=/)|(?<=\bwww)\.)", re.IGNORECASE)
# What may stand in code, and in a cell of a table, without ending either.
_PLAIN = re.compile(r"[\w ./,;:()×°%^+=-]+")


def markdown(text: str) -> str:
    """Text in a line of Markdown that is shown as it is, whatever it holds: no markup, no HTML, no link."""
    return _MARKUP.sub(r"\\\1", escape(printable(text), quote=False))


def markdown_code(text: str) -> str:
    """A name in Markdown: as code where nothing in it could end the code, else as text."""
    return f"`{text}`" if _PLAIN.fullmatch(text) else markdown(text)
