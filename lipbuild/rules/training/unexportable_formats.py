"""The network cannot be exported as the config says.

## What it does
Reports `with_radius` together with a LiteRT file with weights of lower precision, and `quantize` or `tolerance` if no
format has weights of lower precision.

## Why is this bad?
The radius in a file needs a proved bound of the rounding errors of float32; there is none for weights of lower
precision. Without this rule, it would only be refused after the training.

## Example
```yaml
seed: 0
model:
  layers: [Flatten, SpectralDense: {units: 10}]
data: {source: digits, validation: 0.1}
export: {formats: [litert], quantize: int8, with_radius: true}
```

## Use instead
```yaml
seed: 0
model:
  layers: [Flatten, SpectralDense: {units: 10}]
data: {source: digits, validation: 0.1}
export: {formats: [litert], with_radius: true}
```
"""

from __future__ import annotations

from collections.abc import Iterator

from lipbuild.diagnostics.severity import Severity
from lipbuild.rules.context import Context
from lipbuild.rules.rule import Rule
from lipbuild.text.problem import Problem, Related

# The formats whose files can keep weights in fewer bits.
_ROUNDS = "litert"


def check(context: Context) -> Iterator[Problem]:
    """The keys of `export` against each other."""
    config = context.config
    export, place = config.export, config.place
    rounded = export.quantize != "none"
    if rounded and _ROUNDS not in export.formats:
        yield Problem(
            RULE.name,
            f"`quantize: {export.quantize}` is for `{_ROUNDS}`, which is none of the formats",
            place("export.quantize"),
            help=f"leave it out, or add `{_ROUNDS}` to the formats",
        )
    elif rounded and export.with_radius:
        yield Problem(
            RULE.name,
            "a file with weights of lower precision cannot compute a radius: its arithmetic has no proved error",
            place("export.quantize"),
            related=(Related(place("export.with_radius"), "asks for it"),),
            help="leave `quantize` or `with_radius` out",
        )
    if export.tolerance is not None and not rounded:
        yield Problem(
            RULE.name,
            "`tolerance` is for weights kept in fewer bits, and these are kept as they are",
            place("export.tolerance"),
            help="leave it out",
        )


RULE = Rule("LIP412", "unexportable-formats", Severity.ERROR, __doc__, check)
