"""What the tests of sweeps share: a small config, and a sweep over it that has been run."""

from __future__ import annotations

from pathlib import Path

import pytest

import lipbuild
from lipbuild.sweeping.results import Sweep

CONFIG = """\
# A small network, so that a trial takes no time.
name: small
seed: 0
variables: {width: 8} # of the hidden layer
model:
  layers:
    - Flatten
    - SpectralDense: {units: "${variables.width}"}
    - GroupSort2
    - SpectralDense: {units: 10}
data: {source: digits, test: 0.3, validation: 0.4}
train:
  loss: {TauCategoricalCrossentropy: {tau: 10}} # for accuracy
  optimizer: Adam
  epochs: 2
certify: {radii: [0.25]}
"""

SWEEP = """\
sweep:
  space:
    train.optimizer.learning_rate: {low: 1e-3, high: 1e-1, log: true}
    train.loss.tau: [3, 10.5]
    variables.width: {low: 8, high: 16, step: 8}
    train.batch_size: {low: 64, high: 128, step: 64}
  objectives: [accuracy, certified_accuracy: {radius: 0.1}]
  trials: 3
"""


@pytest.fixture(scope="session")
def config(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The config, two objectives."""
    path = tmp_path_factory.mktemp("sweep") / "config.yaml"
    path.write_text(CONFIG + SWEEP, encoding="utf-8")
    return path


@pytest.fixture(scope="session")
def swept(config: Path) -> Sweep:
    """The sweep of the config, its three trials run."""
    return lipbuild.sweep(config, config.parent / "sweeps", plots=True, quiet=True)
