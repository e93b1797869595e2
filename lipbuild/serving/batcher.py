from __future__ import annotations

import asyncio
import queue
import threading
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from typing import NamedTuple

from lipbuild.runtimes.runtime import BATCH
from lipbuild.serving.service import Predictions, Samples

Answer = Callable[[Sequence[Samples]], list[Predictions | OverflowError]]
Result = Predictions | BaseException


class _Waiting(NamedTuple):
    samples: Samples
    loop: asyncio.AbstractEventLoop
    future: asyncio.Future[Predictions]


class Batcher:
    """Answers requests in a thread of its own; those that wait together are answered together.

    No request waits for others to come: one that finds the thread idle is run at once, and while it runs the next batch
    gathers. The runtime is called by this thread alone, since not every one may be called twice at once.

    Args:
        answer: Answers the requests of a batch, whose samples have one shape.
        observe: Is told of each batch: how many samples, and how many seconds it took.
    """

    def __init__(self, answer: Answer, observe: Callable[[int, float], None] = lambda *_: None) -> None:
        self._answer = answer
        self._observe = observe
        self._queue: queue.SimpleQueue[_Waiting] = queue.SimpleQueue()
        self._began: float | None = None
        threading.Thread(target=self._work, name="inference", daemon=True).start()

    async def answer(self, samples: Samples) -> Predictions:
        """The predictions of one request.

        Raises:
            OverflowError: A sample is so large that the network overflows.
        """
        loop = asyncio.get_running_loop()
        future: asyncio.Future[Predictions] = loop.create_future()
        self._queue.put(_Waiting(samples, loop, future))
        return await future

    @property
    def busy_for(self) -> float:
        """For how many seconds the batch runs that is run now; 0 where none is."""
        began = self._began
        return 0.0 if began is None else time.monotonic() - began

    def _work(self) -> None:
        while True:
            batch = [self._queue.get()]
            count = len(batch[0].samples)
            while count < BATCH:
                try:
                    batch.append(self._queue.get_nowait())
                except queue.Empty:
                    break
                count += len(batch[-1].samples)
            # Whoever has gone needs no answer.
            by_shape: dict[tuple[int, ...], list[_Waiting]] = {}
            for waiting in batch:
                if not waiting.future.cancelled():
                    by_shape.setdefault(waiting.samples.shape[1:], []).append(waiting)
            for together in by_shape.values():
                self._began = time.monotonic()
                results = self._results(together)
                self._observe(sum(len(w.samples) for w in together), time.monotonic() - self._began)
                self._began = None
                _deliver(together, results)
            # The answered samples do not stay while the next are waited for.
            del batch, by_shape, waiting

    def _results(self, together: Sequence[_Waiting]) -> list[Result]:
        try:
            return list(self._answer([waiting.samples for waiting in together]))
        # Whatever a runtime raises is the answer to who asked for it, and to nobody else.
        except Exception as error:
            if len(together) == 1:
                return [error]
            return [self._results([waiting])[0] for waiting in together]


def _deliver(together: Sequence[_Waiting], results: Sequence[Result]) -> None:
    by_loop: dict[asyncio.AbstractEventLoop, list[tuple[asyncio.Future[Predictions], Result]]] = {}
    for waiting, result in zip(together, results):
        by_loop.setdefault(waiting.loop, []).append((waiting.future, result))
    for loop, pairs in by_loop.items():
        # A loop that has ended waits for nothing.
        with suppress(RuntimeError):
            loop.call_soon_threadsafe(_settle, pairs)


def _settle(pairs: Sequence[tuple[asyncio.Future[Predictions], Result]]) -> None:
    for future, result in pairs:
        if future.done():
            continue
        if isinstance(result, BaseException):
            future.set_exception(result)
        else:
            future.set_result(result)
