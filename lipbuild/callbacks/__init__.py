"""Callbacks for training, with deel-lip's names and arguments."""

from lipbuild.callbacks.condense_callback import CondenseCallback
from lipbuild.callbacks.loss_param_log import LossParamLog
from lipbuild.callbacks.loss_param_scheduler import LossParamScheduler
from lipbuild.callbacks.monitor_callback import MonitorCallback

__all__ = ["CondenseCallback", "LossParamLog", "LossParamScheduler", "MonitorCallback"]
