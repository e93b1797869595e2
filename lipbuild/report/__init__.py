"""The HTML report of a run, comparisons of runs, the live page of a training, and plots."""

from lipbuild._lazy import make_callable

make_callable(__name__)
