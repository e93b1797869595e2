from __future__ import annotations

import subprocess
import sys

SCRIPT = """
import keras, numpy as np, tensorflow as tf
from lipbuild.layers import GroupSort2, SpectralDense
from lipbuild.losses import TauCategoricalCrossentropy
cpu = tf.config.list_physical_devices("CPU")[0]
tf.config.set_logical_device_configuration(cpu, [tf.config.LogicalDeviceConfiguration()] * 2)
strategy = tf.distribute.MirroredStrategy(["CPU:0", "CPU:1"])
assert strategy.num_replicas_in_sync == 2
with strategy.scope():
    model = keras.Sequential([keras.Input((6,)), SpectralDense(8), GroupSort2(), SpectralDense(3)])
    model.compile(keras.optimizers.SGD(10.0), TauCategoricalCrossentropy(10.0))
x = np.random.default_rng(0).normal(size=(32, 6)).astype("float32")
model.fit(x, np.eye(3, dtype="float32")[np.arange(32) % 3], batch_size=16, epochs=2, verbose=0)
norms = [np.linalg.norm(np.asarray(layer.kernel, "float64"), 2) for layer in (model.layers[0], model.layers[2])]
assert 0 < max(norms) <= 1, norms
print("norms", norms)
"""


def test_kernels_stay_in_bounds_on_two_replicas():
    run = subprocess.run(
        [sys.executable, "-c", SCRIPT], capture_output=True, text=True, check=False, timeout=300
    )
    assert run.returncode == 0, run.stderr[-3000:]
    assert "norms" in run.stdout
