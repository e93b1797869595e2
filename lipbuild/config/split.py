"""What parts are drawn by, where samples belong together or follow each other."""

import re
from typing import Literal

from pydantic import Field, model_validator

from lipbuild.fields.misfit import misfit, redundant
from lipbuild.fields.strict import Strict

# What the value of a key names, for each source that has such names.
Named = Literal["column", "array", "pattern"]


class SplitSection(Strict):
    """What parts are drawn by: whole groups of samples, or time."""

    group: str | None = Field(
        None,
        min_length=1,
        description="What says which samples belong together, such as those of one patient: all samples of a group "
        "are in one part. A column of a table, an array of an `npz`, or for an `image_folder` a regular expression "
        "that is found in an image's path below the folder of its class: its first group in parentheses, or all that "
        "it matches.",
    )
    time: str | None = Field(
        None,
        min_length=1,
        description="What says when a sample was taken, named in the same way: ISO dates, or numbers. The last are the "
        "test part, those before them the validation part; samples of one time stay together.",
    )

    @model_validator(mode="after")
    def _one(self) -> "SplitSection":
        if self.group is not None and self.time is not None:
            raise redundant("parts are drawn by `group` or by `time`, not by both", "group", "time")
        if self.group is None and self.time is None:
            raise misfit("`split` says nothing to draw by", "group", help="add `group: …` or `time: …`")
        return self

    @property
    def key(self) -> Literal["group", "time"]:
        """The key that is given."""
        return "group" if self.group is not None else "time"

    @property
    def name(self) -> str:
        """Its value."""
        return self.group or self.time or ""


def pattern_error(pattern: str) -> str:
    """What is wrong with a regular expression; nothing where it is right."""
    try:
        re.compile(pattern)
    except re.error as error:
        return str(error)
    return ""
