from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from lipbuild.building.keras_settings import keras_settings

if TYPE_CHECKING:
    from lipbuild.evaluation.audit.audit import Audit


@keras_settings()
def audit(model: str | Path, input_shape: Sequence[int] | None = None) -> Audit:
    """Look at a trained model of any origin: what is proved of its Lipschitz constant, and what to change.

    Each layer has a proved bound at inference or the reason why it has none, and what the design rules say of
    it. No code in a file is run. Of a model with layers of lipbuild's the plain form is proved, which is what `lipbuild
    certify` certifies. Where a constant of the whole is proved, what was read is compared, in float64, with what Keras
    computes. Models of deel-lip's Keras 3 branch are read by the kernels that they apply, without deel-lip.

    Args:
        model: A `.keras` or a `.h5` file.
        input_shape: The shape of one sample, where the model leaves it open.

    Raises:
        lipbuild.errors.RefusedError: The model's structure cannot be read.
        lipbuild.errors.UnusableError: The file is missing or cannot be read.
    """
    from lipbuild.evaluation.audit.audit_file import audit_file

    return audit_file(Path(model), input_shape)
