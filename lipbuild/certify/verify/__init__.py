"""Checking a certificate against a model, without Keras or TensorFlow."""

from lipbuild.certify.verify.verdict import Failure, Verdict
from lipbuild.certify.verify.verify import verify

__all__ = ["Failure", "Verdict", "verify"]
