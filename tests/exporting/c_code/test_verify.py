"""C that lipbuild wrote, proved again from what stands in it."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

import lipbuild
from lipbuild.certifying.certified_network import CertifiedNetwork
from lipbuild.errors import RefusedError, UnusableError
from lipbuild.exporting.c_code.arithmetic import DOUBLE, FLOAT32
from lipbuild.exporting.c_code.subject import Stated, subject_of
from lipbuild.exporting.exported import Exported
from lipbuild.training.train import Run
from tests.exporting.c_code.networks import dense
from tests.exporting.c_code.programs import sources_of


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
        (
            code(r"(inverse\[\d+\] = \{\n    0x0p\+0F, )[^,]+", r"\g<1>0x1p+9F"),
            "code",
            "not divided by the dist",
        ),
        (
            code(r"(inverse\[\d+\] = \{\n    0x0p\+0F, )[^,]+", r"\g<1>0x1p-9F"),
            "code",
            "not divided by the dist",
        ),
        (head(r'("slope": )[-.e\d]+', r"\g<1>1e-9"), "code", "not stated as it is proved"),
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


def test_what_rests_on_last_digits_is_proved_and_not_computed_again() -> None:
    """BLAS adds in an order that the processor chooses, so no proof has the same last digits on all of them."""
    network = dense((5, 8, 3))
    own = CertifiedNetwork.of(network)

    def elsewhere(factor: float) -> CertifiedNetwork:
        gains = {name: gain * factor for name, gain in own.gains.items()}
        return CertifiedNetwork(network, gains, {name: c * factor for name, c in own.constants.items()})

    for arithmetic in (FLOAT32, DOUBLE):
        subject = subject_of(own, arithmetic, "float32", classes=True)
        assert subject.radius is not None
        stated = Stated(subject.error, subject.radius.inverse)
        code = sources_of(subject).source()
        for factor in (1 - 1e-11, 1 + 1e-11):
            other = elsewhere(factor)
            again = subject_of(other, arithmetic, "float32", classes=True, stated=stated)
            assert sources_of(again).source() == code
        # Computed there it is not the same, to the last digit of double precision.
        assert (
            arithmetic is FLOAT32
            or sources_of(subject_of(other, DOUBLE, "float32", classes=True)).source() != code
        )
        for wrong in (
            replace(stated, error=replace(stated.error, slope=stated.error.slope * (1 - 1e-7))),
            replace(stated, error=replace(stated.error, offset=stated.error.offset * (1 - 1e-7))),
            replace(stated, error=replace(stated.error, slope=stated.error.slope * 2)),
            replace(stated, error=replace(stated.error, limit=stated.error.limit * 2)),
            replace(stated, inverse=stated.inverse * arithmetic.dtype(1 + 1e-6)),
            replace(stated, inverse=np.full_like(stated.inverse, np.nan)),
            replace(stated, inverse=stated.inverse[:2]),
        ):
            with pytest.raises(RefusedError, match=r"as it is proved|by the distances"):
                subject_of(own, arithmetic, "float32", classes=True, stated=wrong)


@pytest.mark.nightly
@pytest.mark.parametrize("kind", ["Prescott", "Haswell"])
def test_another_processor_proves_the_same_code(kind: str, small: Run, tmp_path: Path) -> None:
    lipbuild.export(small.folder.path, ["c"], tmp_path / "code", arithmetic="double")
    command = [sys.executable, "-m", "lipbuild", "verify", "code", str(small.folder.certificate)]
    environment = {**os.environ, "OPENBLAS_CORETYPE": kind}
    done = subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "each line of the code" in done.stdout


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
