from __future__ import annotations

from functools import cache

from lipbuild.rules.check import check
from lipbuild.rules.registry import REFUSED_LAYERS
from lipbuild.text.text import SourceText


@cache
def removable(kind: str) -> bool:
    """Whether the rules take a layer out without putting anything in its place."""
    if kind not in REFUSED_LAYERS:
        return False
    text = f"model:\n  input: [4]\n  layers:\n    - {kind}\n    - Flatten\n"
    fixes = [found.fix for found in check(SourceText("", text)).diagnostics if found.fix is not None]
    return any(fix.message == f"remove `{kind}`" for fix in fixes)
