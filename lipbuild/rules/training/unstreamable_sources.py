"""A source that is in memory anyway is to be streamed or cached.

## What it does
Reports `data.stream` and `data.cache` with a source whose samples cannot be read one by one: a table, an archive, a
data set that is shipped.

## Why is this bad?
All of it is read into memory at once: what is asked for would not happen.

## Example
```yaml
seed: 0
model:
  layers: [Flatten, SpectralDense: {units: 10}]
data: {source: digits, validation: 0.1, stream: true}
```

## Use instead
Keep larger data as `npy`, `image_folder`, `tfrecord` or `tfds`.
```yaml
seed: 0
model:
  layers: [Flatten, SpectralDense: {units: 10}]
data: {source: digits, validation: 0.1}
```
"""

from __future__ import annotations

from lipbuild.config.sources import SOURCES
from lipbuild.diagnostics.severity import Severity
from lipbuild.rules.context import Context
from lipbuild.rules.rule import Rule
from lipbuild.text.problem import Problem


def check(context: Context) -> list[Problem]:
    """The two keys against the source."""
    data = context.config.data
    if data is None or any(source.streams for source in data.sources.values()):
        return []
    asked = [key for key, is_set in (("stream", data.stream is True), ("cache", data.cache)) if is_set]
    if not asked:
        return []
    names = " and ".join(f"`{source.source_name}`" for source in data.sources.values())
    names += " are read" if data.mix is not None else " is read"
    # This loads every source.
    able = ", ".join(f"`{name}`" for name in SOURCES if SOURCES[name].streams)
    return [
        Problem(
            RULE.name,
            f"{names} into memory whole: `{key}` has nothing to do",
            context.config.keys[f"data.{key}"],
            help=f"remove it, or keep the data as one of {able}",
        )
        for key in asked
    ]


RULE = Rule("LIP421", "unstreamable-sources", Severity.ERROR, __doc__, check)
