"""What a sweep is, so that another one is not mixed with it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from lipbuild.config.dump import flow
from lipbuild.errors import RefusedError
from lipbuild.rules.check import Accepted
from lipbuild.sweeping.setting import Setting
from lipbuild.sweeping.values import described
from lipbuild.text.nodes import plain
from lipbuild.training.resume import flat_config

if TYPE_CHECKING:
    from optuna import Study

_KEY = "lipbuild"
# What no trial's figures depend on.
_MAY_CHANGE = ("name", "export", "train.checkpoint", "train.tensorboard", "train.mlflow")


def check_unchanged(study: Study, setting: Setting, checked: Accepted) -> None:
    """Let a sweep go on that is the one in the storage, or begin it.

    How many trials there are, and how they are chosen and pruned, may change.

    Raises:
        RefusedError: Its space, its objectives or another key are not those it was begun with; the message names it.
    """
    new = _identity(setting, checked)
    old = study.user_attrs.get(_KEY)
    if old is None:
        study.set_user_attr(_KEY, new)
        return
    for part, said in (("objectives", "sweep.objectives"), ("space", "sweep.space"), ("config", "")):
        for key in dict.fromkeys([*old[part], *new[part]]):
            if old[part].get(key) != new[part].get(key):
                where = f"`{key}` in `{said}`" if said else f"`{key}`"
                raise RefusedError(
                    f"the sweep `{setting.study}` was begun with another config: {where} was "
                    f"{_shown(old[part], key)} and is {_shown(new[part], key)}",
                    "give it back its old value, or begin another sweep: `--study` with another name",
                )


def _identity(setting: Setting, checked: Accepted) -> dict[str, dict[str, Any]]:
    config = checked.config
    # Of the keys that are varied, what the config itself has is of no matter.
    lowest = [f"{key.path}={flow(plain(key.samples()[0]))}" for key in config.space]
    laid = setting.check(lowest).raise_for_errors()
    data = laid.config.data
    files = data.files() if data is not None else {}
    flat = {
        key: value
        for key, value in flat_config(laid.config, laid.graph).items()
        if key not in files
        and key != "data.cache"
        and not any(key == name or key.startswith(f"{name}.") for name in _MAY_CHANGE)
    }
    objectives = {one.label: "more" if one.maximized else "less" for one in config.needed("sweep").objectives}
    return {"objectives": objectives, "space": described(config.space), "config": flat}


def _shown(values: Mapping[str, Any], key: str) -> str:
    return f"`{values[key]}`" if key in values else "left out"
