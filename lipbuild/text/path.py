"""Paths into a config, as `--set` and `${…}` write them: `train.epochs`, `model.layers[0].SpectralDense.units`."""

from __future__ import annotations

import re

Path = tuple[str | int, ...]

_STEP = r"(?P<name>[^.\[\]\s=]+)|\[(?P<index>[0-9]{1,6})\]"


def parse_path(text: str) -> Path | None:
    """The steps of a path, keys as text and list positions as numbers, or None where it is not one."""
    steps: list[str | int] = []
    position = 0
    while position < len(text):
        if text[position] == "." and steps:
            position += 1
            if text[position : position + 1] == "[":
                return None
        elif steps and text[position] != "[":
            return None
        match = re.compile(_STEP).match(text, position)
        if match is None or (match["index"] is not None and not steps):
            return None
        steps.append(match["name"] if match["name"] is not None else int(match["index"]))
        position = match.end()
    return tuple(steps) or None


def step_places(text: str) -> list[tuple[int, int]]:
    """Where each step of a path starts and ends in its text, which is one; a list position with its brackets."""
    return [match.span() for match in re.finditer(_STEP, text)]


def format_path(path: Path) -> str:
    """A path as text."""
    text = ""
    for step in path:
        if isinstance(step, int):
            text += f"[{step}]"
        else:
            text += f".{step}" if text else step
    return text
