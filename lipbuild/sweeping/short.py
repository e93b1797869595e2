"""Paths and values as they fit a line."""

from __future__ import annotations

from collections.abc import Sequence

# So many characters are shown of a value that is not a number.
_LENGTH = 30


def short_names(paths: Sequence[str]) -> list[str]:
    """The last steps of paths, as few as tell them apart: `learning_rate`, `layers[1].units` and `layers[3].units`."""
    names = []
    for path in paths:
        steps = path.split(".")
        others = [other.split(".") for other in paths if other != path]
        lengths = range(1, len(steps) + 1)
        count = next((n for n in lengths if not any(o[-n:] == steps[-n:] for o in others)), len(steps))
        names.append(".".join(steps[-count:]))
    return names


def short_value(text: str) -> str:
    """A value as YAML, a number with four digits."""
    try:
        return text if text.lstrip("-").isdigit() else f"{float(text):.4g}"
    except ValueError:
        return text if len(text) <= _LENGTH else f"{text[: _LENGTH - 1]}…"
