from __future__ import annotations

import math
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lipbuild.certifying.certified_network import CertifiedNetwork
from lipbuild.certifying.inference import forward
from lipbuild.certifying.network import Network
from lipbuild.errors import RefusedError
from lipbuild.exporting.c_code.arithmetic import Arithmetic
from lipbuild.exporting.c_code.call import Values
from lipbuild.exporting.c_code.compilers import Build, Compiled
from lipbuild.exporting.c_code.error import ROOM, ProgramError, program_error
from lipbuild.exporting.c_code.filling import Filling
from lipbuild.exporting.c_code.intervals import Intervals, intervals_of
from lipbuild.exporting.c_code.lowering import lowered, same_arrays
from lipbuild.exporting.c_code.moves import Moves
from lipbuild.exporting.c_code.norm import norm_of
from lipbuild.exporting.c_code.program import Program
from lipbuild.exporting.c_code.radius import Radius, Semantics, kept_of, radius_of


@dataclass(frozen=True)
class Stated:
    """The constants that a radius rests on, whose last digits depend on the processor that proves them.

    Attributes:
        error: How far the outputs may be from exact.
        inverse: See `Radius`; None where there are no classes.
    """

    error: ProgramError
    inverse: Values | None


@dataclass(frozen=True)
class Subject:
    """A program, and what is proved of it.

    Attributes:
        program: The network.
        radius: How its radius is computed; None where it has no classes.
        certified: The network with its proved constants.
        error: How far its outputs may be from exact.
        same: Whether its arrays are those of the network that it was made of, bit for bit.
        filling: What fills missing cells of its inputs; None where nothing does.
        intervals: How a program without classes computes intervals; None where it does not.
        moves: What of other inputs `radius` and `intervals` rest on; None where nothing is said of them.
    """

    program: Program
    radius: Radius | None
    certified: CertifiedNetwork
    error: ProgramError
    same: bool
    filling: Filling | None = None
    intervals: Intervals | None = None
    moves: Moves | None = None

    @property
    def arithmetic(self) -> Arithmetic:
        """What it computes in."""
        return self.program.arithmetic

    @property
    def output(self) -> str:
        """What its outputs are called."""
        return "values" if self.radius is None else "logits"

    @property
    def results(self) -> list[str]:
        """What `NAME_predict` gives, as the outputs of other formats are called."""
        if self.radius is not None:
            kept = ["within_tolerance"] if self.radius.kept is not None else []
            return ["label", "margin", "radius", "certified", *kept]
        return [*self.intervals.results, "certified"] if self.intervals is not None else []

    def saying(self, moves: Moves, semantics: Semantics, pairs: Values | None = None) -> Subject:
        """The same program, which also says what holds of other inputs.

        Args:
            moves: How far its outputs move there.
            semantics: What intervals are about.
            pairs: See `Kept`, as it is stated somewhere; None where it is to be computed.

        Raises:
            RefusedError: Something moves too far for the arithmetic, or what is stated is not proved.
        """
        network, radius, intervals = self.certified.network, self.radius, None
        if radius is not None and moves.box is not None:
            needed = moves.pairs(network)
            # With the room that another processor needs to prove it again.
            kept = kept_of(radius, needed * (1.0 + ROOM), moves.distance)
            if pairs is not None:
                least = kept_of(radius, needed, moves.distance).pairs
                if pairs.shape != least.shape or not (np.isfinite(pairs) & (pairs >= least)).all():
                    raise RefusedError("a class is taken to stay within the tolerances though it may not")
                kept = replace(kept, pairs=pairs)
            radius = replace(radius, kept=kept)
        elif radius is None and moves.intervals:
            norm = norm_of(self.certified, self.arithmetic, self.error, self.program, self.output)
            outputs = {
                ends: (distance, each * (self.program.outputs if len(each) == 1 else 1))
                for ends, (distance, each) in moves.intervals.items()
            }
            intervals = intervals_of(norm, self.error, semantics, outputs)
        return replace(self, radius=radius, intervals=intervals, moves=moves)

    def measured(self, inputs: Values) -> NDArray[np.float64]:
        """What the error is bounded by the norm of, (samples, numbers), of (samples, *shape)."""
        x, scaled = np.asarray(inputs, np.float64), self.error.scaled
        if scaled is not None:
            nodes = self.certified.network.nodes
            chain = [node for node in nodes if node.name == scaled.node or node.name in scaled.before]
            x = forward(Network(tuple(chain), scaled.node), x)
        return x.reshape(len(x), math.prod(x.shape[1:]))

    @property
    def within(self) -> float:
        """A norm of inputs that is about where nothing is certified any more."""
        scaled = self.error.scaled
        return self.error.limit / (1.0 if scaled is None else self.certified.constants[scaled.node] or 1.0)

    def emulate(self, inputs: Values) -> dict[str, NDArray[Any]]:
        """What it answers where no products are fused, for (samples, *shape)."""
        outputs = self.program.emulate(inputs).reshape(len(inputs), -1)
        answers: dict[str, NDArray[Any]] = {}
        if self.radius is not None:
            answers = self.radius.emulate(inputs, outputs)
        elif self.intervals is not None:
            answers = self.intervals.emulate(inputs, outputs)
        filled = {} if self.filling is None else {"filled": self.filling.emulate(inputs)}
        return {self.output: outputs, **answers, **filled}

    def compiled(self, source: Path, build: Build) -> Compiled:
        """The program as a compiler makes it.

        Args:
            source: Its code, called as its functions begin.
            build: How.
        """
        return Compiled(
            source=source,
            build=build,
            arithmetic=self.arithmetic,
            inputs=self.program.inputs,
            outputs=self.program.outputs,
            classes=self.radius is not None,
            results=self.results,
            fills=self.filling is not None,
        )


def subject_of(
    network: Network | CertifiedNetwork,
    arithmetic: Arithmetic,
    semantics: Semantics,
    *,
    classes: bool,
    filling: Filling | None = None,
    stated: Stated | None = None,
) -> Subject:
    """A network as a program.

    Args:
        network: The network; where its constants are proved already they are not proved again.
        arithmetic: What the program computes in.
        semantics: What its radius is about.
        classes: Whether its outputs are logits.
        filling: What fills missing cells of its inputs.
        stated: What its radius rests on as it is stated somewhere; None where it is to be computed.

    Raises:
        RefusedError: It cannot be written in C, no bound of its rounding is known, or what is stated is not proved.
    """
    given = network.network if isinstance(network, CertifiedNetwork) else network
    written = lowered(given, arithmetic)
    same = same_arrays(written, given)
    # The same numbers have the same proof.
    certified = network if same and isinstance(network, CertifiedNetwork) else CertifiedNetwork.of(written)
    program = Program(written, arithmetic)
    proved = program_error(certified, arithmetic)
    error, inverse = (proved.stated(), None) if stated is None else (stated.error, stated.inverse)
    error = replace(error, scaled=proved.scaled)
    if not proved.fits(error):
        raise RefusedError("the error of the outputs is not stated as it is proved")
    radius = radius_of(certified, arithmetic, error, program, semantics, inverse) if classes else None
    return Subject(program, radius, certified, error, same, filling)
