"""Where something stands that a message is about: in a text, or in a saved model."""

from __future__ import annotations

from dataclasses import dataclass

from lipbuild.text.span import Span


@dataclass(frozen=True, slots=True)
class SavedPlace:
    """A layer of a saved model, or an argument of one.

    Attributes:
        layer: The layer's name; `outer/inner` within a nested model.
        argument: The argument's name, after that of the argument that it is one of; empty for the layer itself.
    """

    layer: str
    argument: str = ""

    def inside(self, argument: str) -> SavedPlace:
        """The place of an argument of what stands here."""
        return SavedPlace(self.layer, f"{self.argument}.{argument}" if self.argument else argument)


# Only where it is a span is there a text to be changed.
Origin = Span | SavedPlace
