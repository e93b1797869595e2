from __future__ import annotations

import shlex
from typing import Any

from lipbuild.reporting.run_files import RunFiles
from lipbuild.reporting.section import Facts, Listing, Missing, Part, Section

_KNOWN = ("command", "git", "resumed")


def environment(run: RunFiles) -> Section:
    """What the training ran on, by which command, from which commit."""
    values = run.environment
    if values is None:
        return Section("environment", "Environment", [Missing("There is no environment.json.")])
    entries = [("command", shlex.join(values["command"]), "")] if values.get("command") else []
    entries += [
        (name.replace("_", " "), _text(value), "") for name, value in values.items() if name not in _KNOWN
    ]
    git = values.get("git")
    if git:
        changed = "with changes, below" if git.get("diff") else "nothing changed"
        entries.append(("git commit", git["commit"], changed))
    again = values.get("resumed") or []
    entries += [
        (
            f"resumed in epoch {one.get('epoch', '?')}",
            _text(one.get("started")),
            shlex.join(one.get("command", [])),
        )
        for one in again
    ]
    parts: list[Part] = [Facts(entries)]
    if git and git.get("diff"):
        parts.append(Listing("What was changed since the commit", git["diff"]))
    return Section("environment", "Environment", parts)


def _text(value: Any) -> str:
    if isinstance(value, dict):
        return ", ".join(f"{key} {_text(item)}" for key, item in value.items() if item is not None)
    if isinstance(value, list):
        return ", ".join(_text(item) for item in value)
    return "none" if value is None else str(value)
