"""What becomes of a layer where a fix is made, whatever the network was read from."""

from __future__ import annotations

from lipbuild.frozen import dataclass
from lipbuild.text.fix import Fix
from lipbuild.text.nodes import ScalarValue

# One value, or one for each dimension.
Value = ScalarValue | tuple[int, ...]


@dataclass(frozen=True)
class Rewrite:
    """What becomes of a layer.

    Attributes:
        kind: Its name afterwards; empty where that stays.
        arguments: The arguments that it is given.
        without: The arguments that it loses.
        bare: Whether it loses all of them.
        after: A layer that is put after it; empty where there is none.
        removed: Whether it is taken out.
    """

    kind: str = ""
    arguments: tuple[tuple[str, Value], ...] = ()
    without: tuple[str, ...] = ()
    bare: bool = False
    after: str = ""
    removed: bool = False


@dataclass(frozen=True)
class LayerFix(Fix):
    """A fix of one layer. It has edits only where that was read from a text.

    Attributes:
        message: What it does, as an order: "replace `Dense` by `SpectralDense`".
        edits: The edits of the text.
        applicability: How far it may be trusted.
        rewrite: What becomes of the layer.
    """

    rewrite: Rewrite = Rewrite()
