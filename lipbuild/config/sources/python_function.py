from typing import Any

from pydantic import Field

from lipbuild.config.sources.source_spec import SourceSpec


class PythonFunction(SourceSpec):
    """A function of the user's own, called only with `--allow-code`.

    It returns inputs and labels (x, y), or (x, y, weights), as arrays; or a mapping with `train` and perhaps `test`
    and `validation` to such tuples.
    """

    source_name = "python"
    streams = True

    function: str = Field(
        min_length=3,
        description="`module:function`; the module is looked for in `folder`, then where Python does.",
    )
    arguments: dict[str, Any] = Field(
        default_factory=dict, description="What the function is called with, by name."
    )
    folder: str = Field(".", min_length=1, description="Where the module is, relative to the config.")

    def files(self) -> dict[str, str]:
        """The folder of the module."""
        return {"folder": self.folder}
