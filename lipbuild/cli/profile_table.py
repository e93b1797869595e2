from __future__ import annotations

from collections.abc import Mapping

from lipbuild.cli.text_table import text_table
from lipbuild.training.profile import Profile

_SHOWN = 12


def profile_table(profile: Profile) -> str:
    """Where the time of a training went, as text."""
    parts = [_shares("phase", profile.phases)]
    if profile.operations:
        parts.append(_shares("operation", profile.operations))
    steps = "1 step is" if profile.steps == 1 else f"{profile.steps} steps are"
    parts.append(f"{steps} profiled in {profile.folder}; next: tensorboard --logdir {profile.folder}")
    return "\n\n".join(parts) + "\n"


def _shares(title: str, seconds: Mapping[str, float]) -> str:
    total = sum(seconds.values()) or 1.0
    rows = [(name, value) for name, value in seconds.items()][:_SHOWN]
    rest = total - sum(value for _, value in rows)
    if len(seconds) > _SHOWN:
        rows.append((f"{len(seconds) - _SHOWN} others", rest))
    return text_table(
        (title, "seconds", "share"),
        [(name, f"{value:7.3f}", f"{value / total:5.1%}") for name, value in rows],
    )
