from __future__ import annotations

from enum import Enum


class Severity(Enum):
    """How much a diagnostic weighs.

    An error makes a config unfit: nothing is built from it. A warning is most likely a mistake, a remark is
    something worth knowing; neither stops anything.
    """

    ERROR = "error"
    WARNING = "warning"
    REMARK = "remark"
