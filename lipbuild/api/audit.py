from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from lipbuild.api.given import ModelLike
    from lipbuild.evaluation.audit.audit import Audit


def audit(
    model: ModelLike,
    input_shape: Sequence[int] | None = None,
    *,
    data: str | Path | None = None,
    known_only: bool = False,
) -> Audit:
    """Look at a trained model of any origin: what is proved of its Lipschitz constant, and what to change.

    Each layer has a proved bound at inference or the reason why it has none, and what the design rules say of
    it. No code in a file is run. Of a model with layers of lipbuild's the plain form is proved, which is what `lipbuild
    certify` certifies. Where a constant of the whole is proved, what was read is compared, in float64, with what Keras
    computes. Models of deel-lip's Keras 3 branch are read by the kernels that they apply, without deel-lip.

    Args:
        model: A `.keras` or a `.h5` file, an export, a run folder, a run, or a Keras model.
        input_shape: The shape of one sample, where the model leaves it open.
        data: For a run: the file or the folder of its training, which is held against its data contract.
        known_only: Whether samples may be new, changed or gone.

    Raises:
        lipbuild.errors.RefusedError: The model's structure cannot be read, or the data is not that of the training.
        lipbuild.errors.UnusableError: A file is missing or cannot be read, or there is no data contract.
    """
    from lipbuild.api.given import model_path
    from lipbuild.evaluation.audit.audit_run import audit_run

    given = Path(data) if data is not None else None
    with model_path(model) as path:
        return audit_run(path, input_shape, data=given, known_only=known_only)
