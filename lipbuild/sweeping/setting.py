from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from lipbuild.config.invalid import is_valid
from lipbuild.config.sections import ConfigSection
from lipbuild.errors import UnusableError
from lipbuild.rules.check import Accepted, Checked, check
from lipbuild.sweeping.storage import storage_url
from lipbuild.text.text import SourceText


@dataclass(frozen=True)
class Setting:
    """What a worker of a sweep has to know: it can be handed to another process.

    Attributes:
        name: What the config is called in messages.
        text: Its text.
        path: Where it lies; None where it was given as a mapping.
        overrides: The `path=value` options laid over it before anything is tried.
        folder: The folder of the sweep on this machine.
        storage: The URL of the study's storage.
        study: The study's name in it.
        trials: How many trials there are, of all workers together.
        timeout: After so many seconds no other trial is begun; None never.
        quiet: Whether trials are not told of as they end.
        allow_code: Whether the config may call the Python function that makes its data.
    """

    name: str
    text: str
    path: str | None
    overrides: tuple[str, ...]
    folder: str
    storage: str
    study: str
    trials: int
    timeout: float | None = None
    quiet: bool = False
    allow_code: bool = False

    @property
    def source(self) -> SourceText:
        """The config's text."""
        return SourceText(self.name, self.text, Path(self.path) if self.path is not None else None)

    def check(self, options: Sequence[str] = ()) -> Checked:
        """The config with what a trial lays over it. The space itself has been checked before."""
        return check(self.source, (*self.overrides, *options), trials=False)

    def labels(self) -> tuple[str, ...]:
        """What the objectives are called."""
        sweep = self.check().raise_for_errors().config.needed("sweep")
        return tuple(objective.label for objective in sweep.objectives)

    def as_json(self) -> str:
        """The setting for another process."""
        return json.dumps(asdict(self))

    @classmethod
    def from_json(cls, text: str) -> Setting:
        """The setting that another process wrote."""
        values: dict[str, Any] = json.loads(text)
        return cls(**{**values, "overrides": tuple(values["overrides"])})


def make_setting(
    checked: Accepted,
    overrides: Sequence[str],
    output: Path,
    *,
    trials: int | None = None,
    timeout: float | None = None,
    storage: str | None = None,
    study: str | None = None,
    quiet: bool = False,
    allow_code: bool = False,
) -> Setting:
    """The setting of a config's sweep.

    Args:
        checked: The config.
        overrides: The options that were laid over it.
        output: The folder in which the sweep's folder is made.
        trials: How many trials there are; as the config says where left out, like `timeout`.
        timeout: After so many seconds no other trial is begun.
        storage: Where the study is stored; a file in the folder where left out.
        study: The sweep's name; the config's where left out.
        quiet: Whether trials are not told of.
        allow_code: Whether the config may call the Python function that makes its data.

    Raises:
        RefusedError: The config has no sweep.
        UnusableError: The name cannot be that of a folder, or the storage is of another kind.
    """
    config, source = checked.config, checked.source
    sweep = config.needed("sweep", "add `sweep:` with `space` and `objectives`")
    name = study or config.name
    if not is_valid(ConfigSection, "name", name):
        raise UnusableError(
            f"`{name}` cannot be the name of a study",
            "letters, digits, `_`, `-` and `.` may be used, a letter or digit first",
        )
    return Setting(
        name=source.name,
        text=source.text,
        path=str(source.path.absolute()) if source.path is not None else None,
        overrides=tuple(overrides),
        folder=str(output / name),
        storage=storage_url(storage, output / name),
        study=name,
        trials=sweep.trials if trials is None else trials,
        timeout=sweep.timeout if timeout is None else timeout,
        quiet=quiet,
        allow_code=allow_code,
    )
