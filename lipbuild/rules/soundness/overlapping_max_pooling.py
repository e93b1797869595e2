"""A max pooling whose windows overlap is used.

## What it does
Reports a `MaxPooling2D` (or `MaxPooling1D`) whose stride is smaller than its window in any dimension, compared one
by one.

## Why is this bad?
A value that is the largest of several windows counts several times: the Lipschitz constant is
√(⌈ph/sh⌉·⌈pw/sw⌉), 2 for a window of 3 with a stride of 2 and 3 for a window of 3 with a stride of 1.

## Example
```yaml
- MaxPooling2D: {pool_size: 3, strides: 2}
```

## Use instead
```yaml
- MaxPooling2D: {pool_size: 3, strides: 3}
```
"""

from __future__ import annotations

from lipbuild.config.stack import LayerUse, layers_of
from lipbuild.diagnostics.severity import Severity
from lipbuild.network.operations import MaxPooling
from lipbuild.network.shapes import format_shape
from lipbuild.rules.context import Context
from lipbuild.rules.fixes import set_sizes, sizes
from lipbuild.rules.rule import Rule
from lipbuild.text.problem import Problem


def check(context: Context) -> list[Problem]:
    """Every max pooling with a stride below its window, dimension by dimension."""
    found = []
    for use in layers_of(context.config.stack):
        pool, steps = _windows(use)
        if use.spec is not None and any(step < size for size, step in zip(pool, steps)):
            constant = use.spec.gain(())
            found.append(
                Problem(
                    RULE.name,
                    f"windows of {format_shape(pool)} that move by {format_shape(steps)} overlap, so the "
                    f"Lipschitz constant is {constant:.4g}",
                    use.place("strides"),
                    help=f"move by the whole window: `strides: {sizes(pool)}`, or leave `strides` out",
                    fix=set_sizes(use, "strides", steps, pool),
                )
            )
    return found


def _windows(use: LayerUse) -> tuple[tuple[int, ...], tuple[int, ...]]:
    """The size of a max pooling's windows, and how far they move; nothing of another layer."""
    if use.spec is None or use.kind not in ("MaxPooling1D", "MaxPooling2D"):
        return (), ()
    (pooling,) = use.spec.lower()
    assert isinstance(pooling, MaxPooling)
    return pooling.pool, pooling.strides


RULE = Rule("LIP207", "overlapping-max-pooling", Severity.ERROR, __doc__, check)
