"""A dense layer with one output is constrained by an iteration that it does not need.

## What it does
Remarks on a `SpectralDense` with `units: 1`.

## Why is this bad?
A kernel with one column has one singular value, its Euclidean norm. `FrobeniusDense` divides by this norm, which is
exact and costs almost nothing. The iteration of `SpectralDense` reaches the same kernel more slowly.

## Example
```yaml
- SpectralDense: {units: 8}
- GroupSort2
- SpectralDense: {units: 1}
```

## Use instead
```yaml
- SpectralDense: {units: 8}
- GroupSort2
- FrobeniusDense: {units: 1}
```
"""

from __future__ import annotations

from lipbuild.config.stack import layers_of
from lipbuild.diagnostics.severity import Severity
from lipbuild.network.specs.dense import SpectralDense
from lipbuild.network.specs.refused import Substitute
from lipbuild.rules.context import Context
from lipbuild.rules.fixes import rename
from lipbuild.rules.rule import Rule
from lipbuild.text.problem import Problem


def check(context: Context) -> list[Problem]:
    """Every spectral dense layer with one unit."""
    return [
        Problem(
            RULE.name,
            "a kernel with one column has its Euclidean norm for a spectral norm",
            use.origin,
            help="use `FrobeniusDense`, which divides by it exactly",
            fix=rename(use, Substitute("FrobeniusDense")),
        )
        for use in layers_of(context.config.stack)
        if isinstance(use.spec, SpectralDense) and use.spec.units == 1
    ]


RULE = Rule("LIP304", "single-output-spectral", Severity.REMARK, __doc__, check)
