"""Between a config and a document of an editor, whose columns may count other units than characters."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlparse
from urllib.request import url2pathname

from lsprotocol import types as lsp
from pygls.workspace import TextDocument

from lipbuild.text.span import Span
from lipbuild.text.text import SourceText

# What the first of these keys at the margin shows a YAML file to be.
_CONFIG = re.compile(
    r"""^["']?(model|extends|train|certify)["']?\s*:|^\{\s*["']?model["']?\s*:""", re.MULTILINE
)


def source_of(document: TextDocument) -> SourceText:
    """A document as a text that can be checked."""
    parsed = urlparse(document.uri)
    path = Path(url2pathname(unquote(parsed.path))) if parsed.scheme == "file" else None
    name = path.name if path is not None else document.uri
    return SourceText(name, document.source.removeprefix("\ufeff"), path)


def is_config(document: TextDocument) -> bool:
    """Whether a YAML document is one of lipbuild's: an editor opens many that are not."""
    return _CONFIG.search(document.source) is not None


def range_of(document: TextDocument, span: Span) -> lsp.Range:
    """A span in the units of the editor, which counts UTF-16 or what it has agreed on."""
    start_line, start_column = span.source.position(span.start)
    end_line, end_column = span.source.position(span.end)
    # pygls keeps the two units apart by types of its own; this is where one becomes the other.
    counted: Any = lsp.Range(
        lsp.Position(start_line - 1, start_column - 1), lsp.Position(end_line - 1, end_column - 1)
    )
    return document.range_to_client_units(counted)


def offset_of(document: TextDocument, source: SourceText, position: lsp.Position) -> int:
    """An editor's position as an offset."""
    if position.line >= len(document.lines):
        return len(source.text)
    place = document.position_from_client_units(position)
    line = min(place.line + 1, source.line_count)
    return min(source.line_start(line) + place.character, source.line_end(line))
