from __future__ import annotations

from lipbuild.reporting.run_files import RunFiles
from lipbuild.reporting.section import Listing, Part, Section


def config(run: RunFiles) -> Section:
    """The config as it was written, and with every default."""
    parts: list[Part] = []
    if run.written:
        parts.append(Listing("config.yaml, as it was written", run.written))
    parts.append(Listing("config.resolved.yaml, every default filled in", run.resolved))
    return Section("config", "Config", parts)
