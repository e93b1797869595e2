"""C that lipbuild wrote, proved again from what stands in it."""

from __future__ import annotations

import re
import shutil
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

import lipbuild
from lipbuild.errors import UnusableError
from lipbuild.exporting.exported import Exported
from lipbuild.training.train import Run


def test_the_constants_and_the_code_are_proved_again(everywhere: dict[str, Exported], small: Run) -> None:
    path = everywhere["c"].path
    for one in (path, path / "small.c", path / "small.h"):
        verdict = lipbuild.verify(one)
        assert verdict.status == 0, verdict.failures
        assert any("each line of the code" in said for said in verdict.checked)
        assert any("that of the whole" in said for said in verdict.checked)
    verdict = lipbuild.verify(path, small.folder.certificate)
    assert verdict.status == 0
    assert any("names this certificate" in said for said in verdict.checked)


def code(old: str, new: str) -> Callable[[Path], None]:
    def change(folder: Path) -> None:
        text = (folder / "small.c").read_text()
        assert re.search(old, text)
        (folder / "small.c").write_text(re.sub(old, new, text, count=1))

    return change


def head(old: str, new: str) -> Callable[[Path], None]:
    def change(folder: Path) -> None:
        text = (folder / "small.h").read_text()
        assert re.search(old, text)
        (folder / "small.h").write_text(re.sub(old, new, text, count=1))

    return change


@pytest.mark.parametrize(
    ("change", "where", "message"),
    [
        # A weight, with the program's own answers left as they are.
        (code(r"(kernel_1\[\d+\] = \{\n    )-?0x1\.", r"\g<1>0x1.8"), "weights", "another digest"),
        # A constant of the radius, and what is computed of it.
        (code(r"(inverse\[\d+\] = \{\n    0x0p\+0F, )[^,]+", r"\g<1>0x1p+9F"), "code", r"small\.c:\d+"),
        (code(r"- error\)", "+ error)"), "code", r"small\.c:\d+"),
        (code(r"\}\n$", "}\nint more;\n"), "code", r"small\.c:\d+"),
        # What the header says of the constant, of the operations, of the input.
        (head(r'("lipschitz": )"0x1[^"]*"', r'\1"0x1.0p-9"'), "", "proved|lipschitz"),
        (head(r'"size": 2', '"size": 3'), "graph", "another digest"),
        (head(r"64 numbers", "65 numbers"), "code", r"small\.h:\d+"),
        (head(r'"statement": \{', '"statement": null, "was": {'), "statement", "is missing"),
    ],
)
def test_what_was_changed_does_not_hold(
    change: Callable[[Path], None],
    where: str,
    message: str,
    everywhere: dict[str, Exported],
    tmp_path: Path,
) -> None:
    folder = tmp_path / "code"
    shutil.copytree(everywhere["c"].path, folder)
    change(folder)
    verdict = lipbuild.verify(folder)
    assert verdict.status == 1
    [failure, *_] = verdict.failures
    assert where in failure.where
    assert re.search(message, f"{failure.where} {failure.message}")


def test_what_needs_a_runtime_says_what_to_do(everywhere: dict[str, Exported]) -> None:
    from lipbuild.serving.open_target import open_target

    path = everywhere["c"].path
    with pytest.raises(UnusableError, match="it is C, which lipbuild does not run"):
        lipbuild.predict(path, np.zeros((1, 8, 8, 1), np.float32))
    with pytest.raises(UnusableError, match="it is C, which lipbuild does not run"):
        open_target(path)
    with pytest.raises(UnusableError, match="it is C, and `lipbuild audit` reads models"):
        lipbuild.audit(path)
    with pytest.raises(UnusableError, match="it is C, and certificates are about"):
        lipbuild.certify(path)


def test_the_json_says_what_was_run_and_what_rounding_takes(everywhere: dict[str, Exported]) -> None:
    found = everywhere["c"].as_json()
    radii = {one["arithmetic"]: one for one in found["radii"]}
    assert set(radii) == {"float32", "double"}
    assert 0 < radii["double"]["lost"] < 1e-6 < radii["float32"]["lost"] < 0.1
    assert len(found["compiled"]) <= 1
    assert everywhere["onnx"].as_json()["compiled"] is everywhere["onnx"].as_json()["cppcheck"] is None
