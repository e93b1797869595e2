from __future__ import annotations

from pathlib import Path

import pytest

SMALL = """\
name: small
seed: 3
model:
  layers:
    - Flatten
    - SpectralDense: {units: 16}
    - BatchCentering
    - GroupSort2
    - SpectralDense: {units: 10}
data: {source: digits, test: 0.2, validation: 0.1}
train:
  loss: {MulticlassHKR: {alpha: 0.9, min_margin: 0.5}}
  optimizer: {SGD: {learning_rate: 1e-1, momentum: 0.9, global_clipnorm: 1.0}}
  epochs: 2
  batch_size: 200
  average: EMA
"""

# Everything that has a state, draws at random or goes by the step: a loss and its parameters, a kernel whose
# retraction is put off, weights of samples, samples that are mixed in, augmentation, preprocessing that is fitted.
RICH = """\
name: rich
seed: 5
model:
  layers:
    - Flatten
    - SpectralDense: {units: 512}
    - GroupSort2
    - SpectralDense: {units: 10}
data:
  source: digits
  validation: 0.1
  mix: {source: digits, share: 0.2}
  class_weights: {"3": 2.0}
  preprocess: [Centering]
  augment: [{GaussianNoise: {stddev: 0.02}}, {RandomTranslation: {height_factor: 0.1, width_factor: 0.1}}]
train:
  loss:
    MulticlassSoftHKR:
      alpha: {Ramp: {start: 10, end: 50}}
      target_radius: {Ramp: {start: 0.01, end: 0.02, epochs: 1.5, shape: logarithmic}}
      temperature: {PiecewiseConstantDecay: {boundaries: [3], values: [1.0, 2.0]}}
      alpha_mean: 0.7
  optimizer: {RiemannianAdam: {learning_rate: 1e-3, lookahead: 4}}
  epochs: 2
  batch_size: 250
"""


@pytest.fixture
def small(tmp_path: Path) -> Path:
    """A config of a small network whose loss and first layers look at whole batches."""
    path = tmp_path / "small.yaml"
    path.write_text(SMALL)
    return path
