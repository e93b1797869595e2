from __future__ import annotations

import numpy as np

from lipbuild.certify.bounds.balls import Balls

SAFETY = Balls.exact(np.asarray(1.0 - 2.0**-19))
"""The factor by which lipbuild's layers keep off their constant; see `lipbuild.normalizers.retraction`."""
