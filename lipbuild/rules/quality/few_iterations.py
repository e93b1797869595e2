"""An orthogonalisation has too few steps.

## What it does
Remarks on a `maxiter_bjorck` below 5.

## Why is this bad?
A Björck step takes a singular value σ to 1.5σ − 0.5σ³, so a small one grows by half at most: after n steps those that
started below 1.5⁻ⁿ are still below 1. The constant still holds, but the gradient's norm is lost in those directions.
15 steps carry 0.01 to 1.

## Example
```yaml
- SpectralDense: {units: 8, maxiter_bjorck: 2}
```

## Use instead
```yaml
- SpectralDense: {units: 8}
```

## References
- Björck, Bowie: An iterative algorithm for computing the best estimate of an orthogonal matrix, 1971
"""

from __future__ import annotations

from lipbuild.config.stack import LayerUse, layers_of
from lipbuild.diagnostics.severity import Severity
from lipbuild.network.specs.kernels import SpectralSpec
from lipbuild.rules.context import Context
from lipbuild.rules.fixes import remove_argument
from lipbuild.rules.rule import Rule
from lipbuild.text.fix import Applicability, Fix
from lipbuild.text.problem import Problem

_FEWEST = 5


def check(context: Context) -> list[Problem]:
    """The steps of every layer that is orthogonalised by them."""
    return [
        Problem(
            RULE.name,
            f"after {use.spec.maxiter_bjorck} steps singular values that started below "
            f"{1.5**-use.spec.maxiter_bjorck:.2g} are still below 1",
            use.place("maxiter_bjorck"),
            help="leave `maxiter_bjorck` out",
            fix=_left_out(use),
        )
        for use in layers_of(context.config.stack)
        if isinstance(use.spec, SpectralSpec)
        and use.spec.maxiter_bjorck is not None
        and use.spec.maxiter_bjorck < _FEWEST
    ]


def _left_out(use: LayerUse) -> Fix | None:
    edit = remove_argument(use, "maxiter_bjorck")
    return Fix("remove `maxiter_bjorck`", (edit,), Applicability.UNSAFE) if edit is not None else None


RULE = Rule("LIP307", "few-iterations", Severity.REMARK, __doc__, check)
