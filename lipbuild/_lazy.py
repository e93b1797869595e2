"""The Python API, loaded when it is used."""

from __future__ import annotations

# Where each function of the API is. No package of lipbuild has the name of one.
FUNCTIONS = {
    "load": "lipbuild.api.load",
    "check": "lipbuild.api.load",
    "dump": "lipbuild.api.dump",
    "build": "lipbuild.api.build",
    "describe_data": "lipbuild.api.describe_data",
    "train": "lipbuild.api.train",
    "resume": "lipbuild.api.resume",
    "sweep": "lipbuild.api.sweep",
    "evaluate": "lipbuild.api.evaluate",
    "report": "lipbuild.api.report",
    "compare": "lipbuild.api.compare",
    "predict": "lipbuild.api.predict",
    "export": "lipbuild.api.export",
    "certify": "lipbuild.api.certify",
    "verify": "lipbuild.api.verify",
    "evidence": "lipbuild.api.evidence",
    "bench": "lipbuild.api.bench",
    "allow_code": "lipbuild.data.permission",
    "audit": "lipbuild.api.audit",
    "guarded": "lipbuild.guard.guard",
    "load_deel_lip": "lipbuild.api.load_deel_lip",
    "import_model": "lipbuild.api.import_model",
    "serving_app": "lipbuild.api.serve",
}

# What deel-lip's users import from its top.
MODELS = {"Model": "lipbuild.model", "Sequential": "lipbuild.model", "vanillaModel": "lipbuild.model"}

# What is used as a module of `lipbuild` without an import of its own, as `keras.layers` is.
MODULES = (
    "activations",
    "callbacks",
    "constraints",
    "errors",
    "initializers",
    "layers",
    "losses",
    "metrics",
    "plots",
    "regularizers",
)
