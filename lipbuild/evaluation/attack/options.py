from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class AttackOptions:
    """How hard an attack tries.

    Attributes:
        samples: How many test samples are attacked.
        steps: The steps of Carlini and Wagner's refinement.
        restarts: How often the refinement starts anew from a random point.
        refined: How many of a sample's nearest classes are refined.
        targets: How many classes each sample is pushed to at first: all where there are no more.
        seed: What the samples and the random points are drawn with.
    """

    samples: int = 100
    steps: int = 50
    restarts: int = 1
    refined: int = 3
    targets: int = 20
    seed: int = 0
