from __future__ import annotations

from functools import cache

from lipbuild.config.layer_fix import LayerFix
from lipbuild.config.stack import layer_of
from lipbuild.rules.layers import problems_of
from lipbuild.rules.registry import REFUSED_LAYERS
from lipbuild.text.origin import SavedPlace
from lipbuild.text.problem import Problem


@cache
def removable(kind: str) -> bool:
    """Whether the rules take a layer out without putting anything in its place."""
    if kind not in REFUSED_LAYERS:
        return False
    problems: list[Problem] = []
    problems += problems_of((layer_of(kind, {}, SavedPlace(kind), problems.append),), (4,))
    fixes = [problem.fix for problem in problems]
    return any(isinstance(fix, LayerFix) and fix.rewrite.removed for fix in fixes)
