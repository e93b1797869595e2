from __future__ import annotations

import re
import shutil
from dataclasses import dataclass
from pathlib import Path

import pytest

import lipbuild
from lipbuild.evaluation.attack.options import AttackOptions
from tests.conftest import CONFIGS

ATTACK = AttackOptions(samples=20, steps=10, restarts=0)


@dataclass(frozen=True)
class Runs:
    """Run folders that are not to be changed.

    Attributes:
        images: An evaluated, attacked and certified classifier of images.
        numbers: A regression, evaluated.
        bare: The first, as the training left it.
        unfinished: The first, as it was before its training had ended.
    """

    images: Path
    numbers: Path
    bare: Path
    unfinished: Path


@pytest.fixture(scope="package")
def runs(tmp_path_factory: pytest.TempPathFactory) -> Runs:
    folder = tmp_path_factory.mktemp("runs")
    config = lipbuild.load(CONFIGS / "digits_residual.yaml", ["train.epochs=2"])
    images = lipbuild.train(config, folder, quiet=True).folder.path
    bare = shutil.copytree(images, folder / "bare")
    unfinished = shutil.copytree(images, folder / "unfinished")
    (unfinished / "model.keras").unlink()
    lipbuild.evaluate(images, attack=ATTACK, plots=False)
    lipbuild.certify(images)
    config = lipbuild.load(CONFIGS / "regression.yaml", ["train.epochs=1"])
    numbers = lipbuild.train(config, folder, quiet=True).folder.path
    lipbuild.evaluate(numbers, attack=ATTACK, plots=False)
    return Runs(images, numbers, bare, unfinished)


def section(page: str, name: str) -> str:
    """The section of a page that has a name."""
    found = re.search(rf'<section id="{name}".*?</section>', page, re.DOTALL)
    assert found is not None
    return found[0]
