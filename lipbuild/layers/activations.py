"""The activation layers under the module name that deel-lip gives them."""

from lipbuild.layers.beta_abs import BetaAbs
from lipbuild.layers.full_sort import FullSort
from lipbuild.layers.group_sort import GroupSort
from lipbuild.layers.group_sort2 import GroupSort2
from lipbuild.layers.householder import Householder
from lipbuild.layers.max_min import MaxMin
from lipbuild.layers.p_relu_lip import PReLUlip

__all__ = ["BetaAbs", "FullSort", "GroupSort", "GroupSort2", "Householder", "MaxMin", "PReLUlip"]
