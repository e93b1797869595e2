from typing import Any, ClassVar, Literal

from lipbuild.fields.strict import Strict

Task = Literal["multiclass", "binary", "regression"]
Labels = Literal["onehot", "index", "zero_one", "sign", "value"]


class LossSpec(Strict):
    """What a config says of its loss.

    Attributes:
        task: What the network learns: one output a class, one output for two classes, or numbers.
        labels: How the loss wants its labels; lipbuild encodes the data's so.
        takes_constant: Whether its `lip_const` is the network's where left out.
        takes_head: Whether it reads the network's last layer.
    """

    task: ClassVar[Task]
    labels: ClassVar[Labels]
    takes_constant: ClassVar[bool] = False
    takes_head: ClassVar[bool] = False

    @property
    def kind(self) -> str:
        """The loss's name in a config."""
        return type(self).__name__

    def arguments(self) -> dict[str, Any]:
        """The arguments of the Keras loss."""
        return {field: getattr(self, field) for field in type(self).model_fields}
