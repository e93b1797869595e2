"""Attacks: the smallest L2 perturbation that can be found. They prove nothing, and keep certificates honest."""

from lipbuild.evaluation.attack.attacked import Attacked
from lipbuild.evaluation.attack.minimal_norm import minimal_norm_attack
from lipbuild.evaluation.attack.objective import Objective
from lipbuild.evaluation.attack.options import AttackOptions

__all__ = ["AttackOptions", "Attacked", "Objective", "minimal_norm_attack"]
