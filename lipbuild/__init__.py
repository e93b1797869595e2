"""lipbuild: a declarative builder for 1-Lipschitz neural networks.

    import lipbuild

    checked = lipbuild.check("config.yaml")     # the rules' findings, the graph with its constants
    model = lipbuild.build("config.yaml")       # a keras.Model whose constant holds from the start
    run = lipbuild.train("config.yaml")         # a run folder
    lipbuild.sweep("config.yaml")               # many run folders, and the config of the best one
    result = lipbuild.evaluate(run.folder.path) # clean and certified accuracy
    lipbuild.report(run.folder.path)            # all of it as one HTML file
    lipbuild.predict(run.folder.path, inputs)   # labels with certified radii
    lipbuild.export(run.folder.path)            # plain Keras files
    lipbuild.certify(run.folder.path)           # a certificate of what is proved

Importing lipbuild imports neither TensorFlow, Keras nor NumPy: each function loads what it needs when it is
called. The packages `lipbuild.layers`, `lipbuild.losses`, `lipbuild.metrics` and `lipbuild.callbacks` are of use
by themselves, with the names and arguments of deel-lip.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

from lipbuild._lazy import FUNCTIONS as _FUNCTIONS
from lipbuild._lazy import MODELS as _MODELS
from lipbuild._lazy import MODULES as _MODULES
from lipbuild._version import __version__

if TYPE_CHECKING:
    from lipbuild.api.audit import audit
    from lipbuild.api.bench import bench
    from lipbuild.api.build import build
    from lipbuild.api.certify import certify
    from lipbuild.api.compare import compare
    from lipbuild.api.dump import dump
    from lipbuild.api.evaluate import evaluate
    from lipbuild.api.evidence import evidence
    from lipbuild.api.export import export
    from lipbuild.api.import_model import import_model
    from lipbuild.api.load import check, load
    from lipbuild.api.load_deel_lip import load_deel_lip
    from lipbuild.api.predict import predict
    from lipbuild.api.report import report
    from lipbuild.api.resume import resume
    from lipbuild.api.serve import serving_app
    from lipbuild.api.sweep import sweep
    from lipbuild.api.train import train
    from lipbuild.api.verify import verify
    from lipbuild.data.permission import allow_code
    from lipbuild.guard.guard import guarded

__all__ = [
    "__version__",
    "allow_code",
    "audit",
    "bench",
    "build",
    "certify",
    "check",
    "compare",
    "describe_data",
    "dump",
    "evaluate",
    "evidence",
    "export",
    "guarded",
    "import_model",
    "load",
    "load_deel_lip",
    "predict",
    "report",
    "resume",
    "serving_app",
    "sweep",
    "train",
    "verify",
]


def __getattr__(name: str) -> Any:
    module = _FUNCTIONS.get(name) or _MODELS.get(name)
    if module is not None or name in _MODULES:
        try:
            return getattr(import_module(module), name) if module else import_module(f"lipbuild.{name}")
        except ModuleNotFoundError as error:
            from lipbuild.missing import missing_package

            raise missing_package(error) or error from None
    raise AttributeError(f"module 'lipbuild' has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted({*__all__, *_MODELS, *_MODULES})
