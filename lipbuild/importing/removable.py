from __future__ import annotations

from functools import cache

from lipbuild.config.layer_fix import LayerFix
from lipbuild.rules.layers import check_layers
from lipbuild.rules.registry import REFUSED_LAYERS
from lipbuild.text.origin import SavedPlace


@cache
def removable(kind: str) -> bool:
    """Whether the rules take a layer out without putting anything in its place."""
    if kind not in REFUSED_LAYERS:
        return False
    problems = check_layers([(kind, {}, SavedPlace(kind))], (4,)).problems
    fixes = [problem.fix for problem in problems]
    return any(isinstance(fix, LayerFix) and fix.rewrite.removed for fix in fixes)
