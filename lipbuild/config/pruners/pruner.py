from typing import Any

from lipbuild.fields.strict import Strict


class PrunerSpec(Strict):
    """When a trial is given up before its last epoch. Optuna's steps are epochs here."""

    @property
    def kind(self) -> str:
        """The pruner's name in a config."""
        return type(self).__name__

    def arguments(self, epochs: int) -> dict[str, Any]:
        """The arguments of Optuna's pruner.

        Args:
            epochs: The number of epochs of a trial.
        """
        return {field: getattr(self, field) for field in type(self).model_fields}
