"""[s, |t|] of rotated pairs [s, t]: what sorting comes to between folded kernels, once for each runtime.

Which operations are fastest differs from runtime to runtime by more than the convolution beside them takes.
"""
