"""A format of exports: lipbuild's NumPy archive under another name."""

from lipbuild.exporting.weights_format import WeightsFormat


class AcmeNpz(WeightsFormat):
    """A NumPy archive with the ending that Acme's programs look for."""

    name = "acme_npz"
    suffix = ".acme.npz"
