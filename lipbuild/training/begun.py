"""The config that a training was begun with, as it was meant then."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from lipbuild.config.config import Config
from lipbuild.rules.check import Checked, check
from lipbuild.text.load import read
from lipbuild.training.run_folder import RunFolder


def check_begun(run: RunFolder, overrides: Iterable[str] = ()) -> Checked:
    """The config of a run folder, checked.

    Args:
        run: The folder.
        overrides: `path=value` options laid over it.

    Raises:
        UnusableError: It cannot be read.
    """
    source = read(run.resolved)
    checked = check(source, [*overrides])
    meant = [*_meant_then(checked.config)] if checked.config is not None else []
    return check(source, [*meant, *overrides]) if meant else checked


def _meant_then(config: Config) -> Iterator[str]:
    """Options that say what an older run left to a default that has changed since.

    An offset that was left out was the paper's. Now a loss without one has a target radius, which is written down.
    """
    train = config.tree.get("train")
    written = train.get("loss") if isinstance(train, dict) else None
    if config.train is None or not isinstance(written, dict):
        return
    from lipbuild.config.radius_losses import RadiusLossSpec

    loss, arguments = config.train.loss, written.get(config.train.loss.kind)
    if not isinstance(loss, RadiusLossSpec) or not loss.follows_radii or not isinstance(arguments, dict):
        return
    if not {loss.margin, "target_radius"} & arguments.keys():
        yield f"train.loss.{loss.kind}.{loss.margin}={loss.asked.default!r}"
