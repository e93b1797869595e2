"""What a config may say of its loss."""

from __future__ import annotations

from lipbuild.spec.losses import keras_losses, lipschitz_losses
from lipbuild.spec.losses.loss import LossSpec

__all__ = ["LOSSES", "LossSpec"]

# KR and MulticlassKR are not among them: they are to be large, and minimised they would train the opposite. They
# are metrics; what is minimised is `HKR`, with `alpha: 0` the opposite of KR alone.
LOSSES: dict[str, type[LossSpec]] = {
    cls.__name__: cls
    for module in (lipschitz_losses, keras_losses)
    for cls in vars(module).values()
    if isinstance(cls, type) and issubclass(cls, LossSpec) and cls is not LossSpec
}
