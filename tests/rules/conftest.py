"""What the tests of rules share: a snippet of a config made whole, as a reader would."""

import re
from collections.abc import Callable

import pytest

_IMAGE = re.compile(r"2D|3D|Conv|UpSampling|DownSampling")


@pytest.fixture
def complete() -> Callable[[str], str]:
    """Makes a whole config of an example: a list of layers, or sections without a model, or a model without input."""

    def make(snippet: str) -> str:
        shape = "[8, 8, 2]" if _IMAGE.search(snippet) else "[8]"
        if snippet.startswith("- "):
            indented = "".join(f"    {line}\n" for line in snippet.splitlines())
            return f"model:\n  input: {shape}\n  layers:\n{indented}"
        if re.search(r"^model:", snippet, re.MULTILINE) is None:
            layers = "[Flatten, SpectralDense: {units: 10}]"
            head = "" if "data:" in snippet else "input: [8, 8, 1], "
            return f"{snippet}model: {{{head}layers: {layers}}}\n"
        if "input:" not in snippet and "source:" not in snippet:
            return re.sub(r"^model:\n", f"model:\n  input: {shape}\n", snippet, flags=re.MULTILINE)
        return snippet

    return make
