"""Attacks: the smallest L2 perturbation that can be found. They prove nothing, and keep certificates honest."""

from lipbuild.certify.attack.attacked import Attacked
from lipbuild.certify.attack.minimal_norm import minimal_norm_attack
from lipbuild.certify.attack.objective import Objective
from lipbuild.certify.attack.options import AttackOptions

__all__ = ["AttackOptions", "Attacked", "Objective", "minimal_norm_attack"]
