from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from lipbuild.api.keyboard_interrupt import keyboard_interrupt
from lipbuild.api.load import ConfigLike, load

if TYPE_CHECKING:
    from lipbuild.sweeping.results import Sweep


@keyboard_interrupt()
def sweep(
    config: ConfigLike,
    output: str | Path = "sweeps",
    overrides: Sequence[str] = (),
    *,
    trials: int | None = None,
    timeout: float | None = None,
    workers: int = 1,
    storage: str | None = None,
    study: str | None = None,
    pick: str | None = None,
    plots: bool | None = None,
    quiet: bool = False,
) -> Sweep:
    """Train the network of a config with many values of its keys, as its `sweep` section says.

    Each trial is a run folder in `trials/` of the sweep's folder, and is measured on the validation share. The sweep
    goes on where an earlier one of the same folder and storage ended.

    Args:
        config: The path of a config, a config as a mapping, or what `load` returned.
        output: The folder in which the sweep's folder is made.
        overrides: `path=value` options laid over the config, as `--set` takes them.
        trials: How many trials there are, earlier ones counted; as the config says where left out.
        timeout: After so many seconds no other trial is begun; as the config says where left out.
        workers: How many processes work on it on this machine.
        storage: A PostgreSQL URL or the path of an SQLite file, which workers of several machines share; a file in the
            sweep's folder where left out.
        study: The name of the sweep and of its folder; that of the config where left out.
        pick: The objective whose best trial, or the number of the trial, whose config becomes `best.yaml`. With one
            objective its best trial where left out.
        plots: Whether to draw the trials, as SVG, and as PNG where the extra `plots` is installed; where it is, if
            left out.
        quiet: Whether trials are not told of as they end.

    Returns:
        Its trials, the best of them, and the configs that were written.

    Raises:
        lipbuild.errors.RefusedError: The config is wrong, has no sweep, or is not the one the sweep was begun with.
        lipbuild.errors.UnusableError: A file is missing or cannot be written, the storage cannot be reached, or Optuna
            is not installed.
        lipbuild.errors.StoppedError: Another signal than Ctrl-C came; what there is has been written.
        KeyboardInterrupt: Ctrl-C came; what there is has been written.
    """
    from lipbuild.data.permission import code_is_allowed
    from lipbuild.reporting.charts.drawing_file import png_can_be_drawn
    from lipbuild.sweeping.run_sweep import printer, run_sweep, show_nothing
    from lipbuild.sweeping.setting import make_setting

    checked = load(config, overrides)
    setting = make_setting(
        checked,
        checked.overrides,
        Path(output),
        trials=trials,
        timeout=timeout,
        storage=storage,
        study=study,
        quiet=quiet,
        allow_code=code_is_allowed(),
    )
    done = run_sweep(
        setting,
        checked,
        workers=workers,
        pick=pick,
        plots=png_can_be_drawn() if plots is None else plots,
        tell=show_nothing if quiet else printer(setting.labels()),
    )
    if done.problem is not None:
        raise done.problem
    return done.sweep
