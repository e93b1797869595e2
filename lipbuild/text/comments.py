"""The comments of a YAML text. PyYAML drops them; they are what no value covers."""

from __future__ import annotations

import re

import yaml
from yaml import events as ev

from lipbuild.text.parse import LOADER
from lipbuild.text.span import Span
from lipbuild.text.text import SourceText

_COMMENT = r"(?:(?<=[ \t\r\n])|\A)#"


def comments(source: SourceText) -> tuple[Span, ...]:
    """Every comment of a text, `#` included; none where the text is malformed.

    A `#` starts a comment at the start of a line or after white space, unless it stands inside a value.
    """
    if "#" not in source.text:
        return ()
    values: list[tuple[int, int]] = []
    try:
        for event in yaml.parse(source.text, Loader=LOADER):
            # An unquoted value holds no ` #`.
            if isinstance(event, ev.ScalarEvent) and event.style in ("'", '"', "|", ">"):
                assert event.start_mark is not None
                assert event.end_mark is not None
                start = event.start_mark.index
                if event.style in ("|", ">"):
                    # The comment of the header line (`|  # like this`) is one.
                    start = source.line_end(source.position(start)[0])
                values.append((start, event.end_mark.index))
    except (yaml.YAMLError, RecursionError):
        return ()
    found: list[Span] = []
    position = 0
    for start, end in [*values, (len(source.text), len(source.text))]:
        while (match := re.compile(_COMMENT).search(source.text, position, start)) is not None:
            position = source.line_end(source.position(match.start())[0])
            found.append(Span(source, match.start(), len(source.text[:position].rstrip())))
        position = max(position, end)
    return tuple(found)
