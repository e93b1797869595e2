from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Facts:
    """What the table of layers says of one.

    Attributes:
        constant: Its Lipschitz constant (L2), in a formula.
        exact: Whether there are weights and inputs that reach it, or it is a bound.
        gradient: What becomes of a gradient's norm on the way back: `kept` where every singular value of the
            Jacobian is the constant.
        cost: What it takes beside the layer in whose place it is used, in multiply-adds where they count.
        replaces: The layer in whose place it is used; nothing where it is Keras's own.
        paper: Where it is from.
    """

    constant: str
    exact: bool
    gradient: str
    cost: str = ""
    replaces: str = ""
    paper: str = ""
