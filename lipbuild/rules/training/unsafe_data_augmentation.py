"""The data is augmented inside the network.

## What it does
Reports Keras's random preprocessing layers: `RandomFlip`, `RandomRotation`, `RandomZoom`, `RandomTranslation`,
`RandomCrop`, `RandomContrast`, `RandomBrightness` and their kin.

## Why is this bad?
A certificate speaks of the input that the network is given. A layer that changes it at random is no function of it,
and zooming, contrast and interpolation stretch distances by factors that are not known here.

## Example
```yaml
- RandomFlip: {mode: horizontal}
- Flatten
```

## Use instead
Augment the data before the network is given it, and in the training alone: `data.augment`.
```yaml
seed: 0
data: {source: digits, validation: 0.1, augment: [RandomCrop: {padding: 1}]}
```
"""

from __future__ import annotations

from lipbuild.diagnostics.severity import Severity
from lipbuild.rules.refused import refused_by
from lipbuild.rules.rule import Rule

RULE = Rule(
    "LIP411",
    "unsafe-data-augmentation",
    Severity.ERROR,
    __doc__,
    layers=refused_by("unsafe-data-augmentation"),
)
