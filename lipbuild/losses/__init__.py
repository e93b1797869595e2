"""Losses for Lipschitz networks, with deel-lip's names and arguments."""

from lipbuild.losses.annealed_emma import AnnealedEMMA
from lipbuild.losses.categorical_hinge import CategoricalHinge
from lipbuild.losses.emma import EMMA
from lipbuild.losses.hinge_margin import HingeMargin
from lipbuild.losses.hkr import HKR
from lipbuild.losses.kr import KR
from lipbuild.losses.logit_annealing import LogitAnnealing
from lipbuild.losses.lse_hkr import LseHKR
from lipbuild.losses.multi_margin import MultiMargin
from lipbuild.losses.multiclass_hinge import MulticlassHinge
from lipbuild.losses.multiclass_hkr import MulticlassHKR
from lipbuild.losses.multiclass_kr import MulticlassKR
from lipbuild.losses.multiclass_soft_hkr import MulticlassSoftHKR
from lipbuild.losses.offset_crossentropy import OffsetCrossentropy
from lipbuild.losses.radius_crossentropy import RadiusCrossentropy
from lipbuild.losses.tau_binary_crossentropy import TauBinaryCrossentropy
from lipbuild.losses.tau_categorical_crossentropy import TauCategoricalCrossentropy
from lipbuild.losses.tau_sparse_categorical_crossentropy import TauSparseCategoricalCrossentropy
from lipbuild.losses.trades import TRADES

__all__ = [
    "EMMA",
    "HKR",
    "KR",
    "TRADES",
    "AnnealedEMMA",
    "CategoricalHinge",
    "HingeMargin",
    "LogitAnnealing",
    "LseHKR",
    "MultiMargin",
    "MulticlassHKR",
    "MulticlassHinge",
    "MulticlassKR",
    "MulticlassSoftHKR",
    "OffsetCrossentropy",
    "RadiusCrossentropy",
    "TauBinaryCrossentropy",
    "TauCategoricalCrossentropy",
    "TauSparseCategoricalCrossentropy",
]
