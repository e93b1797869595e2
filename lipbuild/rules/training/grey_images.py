"""Grey images are put into a network of three channels.

## What it does
Looks at a few images of each class of an `image_folder` with `channels: 3`, the default, and remarks if all of them
are grey.

## Why is this bad?
Each grey value is repeated three times. The network's input is three times as large without need, and a change of one
grey value by d is a distance of √3·d. So a radius r only promises r/√3 for the grey picture.

## Example
```yaml
seed: 0
model: {layers: [Flatten, SpectralDense: {units: 2}]}
data: {source: {image_folder: {path: scans}}, validation: 0.1}
```

## Use instead
```yaml
seed: 0
model: {layers: [Flatten, SpectralDense: {units: 2}]}
data: {source: {image_folder: {path: scans, channels: 1}}, validation: 0.1}
```
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, cast

from lipbuild.diagnostics.severity import Severity
from lipbuild.rules.context import Context
from lipbuild.rules.rule import Rule
from lipbuild.text.problem import Problem

# The readers of files are loaded where there is a file: most configs have none.
if TYPE_CHECKING:
    from lipbuild.config.sources.images import ImageFolder


def check(context: Context) -> Iterator[Problem]:
    """The images of a folder that are to be in colour."""
    config = context.config
    if config.data is None or config.data.source.source_name != "image_folder":
        return
    source = cast("ImageFolder", config.data.source)
    if source.channels == 1:
        return
    from lipbuild.config.sources.image_header import is_grey
    from lipbuild.config.sources.images import some_images

    known = [
        grey for image in some_images(config.folder / source.path) if (grey := is_grey(image)) is not None
    ]
    if known and all(known):
        yield Problem(
            RULE.name,
            f"the images of {source.path} are grey, and the network takes three channels",
            config.place("data.source.image_folder.channels"),
            help="add `channels: 1`",
            notes=(f"{len(known)} of them were looked at",),
        )


RULE = Rule("LIP422", "grey-images", Severity.REMARK, __doc__, check)
