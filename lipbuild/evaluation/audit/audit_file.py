from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import ExitStack
from pathlib import Path

from lipbuild.building.keras_settings import keras_settings
from lipbuild.certifying.network import Network
from lipbuild.errors import LipbuildError, RefusedError
from lipbuild.evaluation.audit.audit import Audit
from lipbuild.evaluation.audit.audit_export import audit_export, with_contradictions
from lipbuild.evaluation.audit.audit_model import audit_model
from lipbuild.guard.agreement import check_agreement
from lipbuild.saved.deel_lip import from_deel_lip, is_deel_lip
from lipbuild.saved.load_model import load_model, saved_anew
from lipbuild.saved.plain_form import built_from_deel_lip, needs_plain_form, plain_form
from lipbuild.saved.read_saved import H5, read_saved
from lipbuild.verifier.exports.export import is_export


def audit_file(
    path: Path, input_shape: Sequence[int] | None = None, before_loading: Callable[[], None] | None = None
) -> Audit:
    """Look at the model in a file.

    Keras loads it where it has to, a `.h5` file or layers of lipbuild's, and where a constant of the whole is
    proved: what it computes is compared with what was read.

    Args:
        path: A `.keras` or a `.h5` file, or an export, which is read without its runtime.
        input_shape: The shape of one sample, where the model leaves it open.
        before_loading: Called before Keras is.

    Raises:
        RefusedError: The model's structure cannot be read.
        UnusableError: The file is missing or cannot be read.
    """
    if path.suffix != ".keras" and is_export(path):
        return audit_export(path)
    if path.suffix == ".keras" and is_export(path):
        return _exported_keras(path, input_shape, before_loading)
    return _keras(path, input_shape, before_loading)


def _exported_keras(
    path: Path, input_shape: Sequence[int] | None, before_loading: Callable[[], None] | None
) -> Audit:
    """A `.keras` file that says something of itself; one that computes a radius has functions that are not layers."""
    found = _keras(path, input_shape, before_loading)
    if found.lipschitz is not None:
        return with_contradictions(found, path)
    try:
        return audit_export(path)
    except LipbuildError:
        return found


def _keras(path: Path, input_shape: Sequence[int] | None, before_loading: Callable[[], None] | None) -> Audit:
    saved = read_saved(path)
    is_old = path.suffix in H5
    needs_form = needs_plain_form(from_deel_lip(saved) if is_deel_lip(saved) else saved)
    with ExitStack() as settings:

        def begin() -> None:
            if before_loading is not None:
                before_loading()
            settings.enter_context(keras_settings())

        if is_old or needs_form:
            begin()
        if is_old:
            saved = saved_anew(load_model(path))
        model, plain, reason = None, None, ""
        if needs_form:
            try:
                model = plain_form(path, saved)
                plain = saved_anew(model)
            except RefusedError as error:
                reason = error.message

        def compare(network: Network) -> None:
            if not (is_old or needs_form):
                begin()
            if model is not None:
                check_agreement(model, network)
            else:
                found = built_from_deel_lip(saved) if is_deel_lip(saved) else load_model(path)
                check_agreement(found, network)

        return audit_model(saved, input_shape, plain=plain, reason=reason, compare=compare)
