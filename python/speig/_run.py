"""One call of a solver: callbacks into Python, what goes wrong in them, Ctrl-C, progress.

An exception cannot travel through C. A callback stores it and returns nonzero, the solver comes
back with what it has, and `Run.call` raises it then.

Ctrl-C needs care of its own. Python runs a signal handler at the next bytecode, which during a
solve is the first one of a callback, before any `try` in it. So a handler of ours stands in while
the solver runs: it calls the one that was set, keeps what that raises, and lets callbacks stop.
While a function of the caller's is running the exception goes straight into it.
"""

from __future__ import annotations

import ctypes
import dataclasses
import signal
import threading
from types import FrameType, TracebackType
from typing import Any, Callable

import numpy as np

from . import _errors, _structs


@dataclasses.dataclass(frozen=True)
class Progress:
    """What a progress function is told, once per restart or iteration.

    `values` and `residuals` are the current approximations of the wanted pairs, best first (complex
    for a general problem, NaN where there is none yet); `norm` estimates the norm of A, and `tol` is the tolerance relative to it.
    `bytes` is what was moved so far, by a model, and `eta` the seconds that may be left (NaN where
    that cannot be told).
    """

    method: str
    phase: str
    iteration: int
    matvecs: int
    wanted: int
    converged: int
    values: np.ndarray
    residuals: np.ndarray
    norm: float
    tol: float
    seconds: float
    bytes: float = 0.0
    eta: float = float("nan")

    @classmethod
    def read(cls, record: _structs.Progress) -> Progress:
        wanted = int(record.wanted)
        have = wanted if record.values and record.residuals else 0
        values = _structs.doubles(record.values, have)
        if have and record.imaginary:
            values = values + 1j * _structs.doubles(record.imaginary, have)
        return cls(record.method.decode(), record.phase.decode(), int(record.iteration),
                   int(record.matvecs), wanted, int(record.converged), values,
                   _structs.doubles(record.residuals, have), float(record.norm),
                   float(record.tol), float(record.seconds), float(record.bytes),
                   float(record.eta))


class Run:
    """Context of one solver call. Objects that C borrows during it are kept in `kept`."""

    def __init__(self) -> None:
        self.failure: BaseException | None = None
        self.kept: list[Any] = []
        self._releases: list[Callable[[], None]] = []
        self._inside = 0
        self._previous: Any = None
        self._handling = False

    # ---- life ----

    def __enter__(self) -> Run:
        if threading.current_thread() is threading.main_thread():
            previous = signal.getsignal(signal.SIGINT)
            if callable(previous):
                self._previous = previous
                signal.signal(signal.SIGINT, self._on_signal)
                self._handling = True
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None,
                 trace: TracebackType | None) -> None:
        if self._handling:
            signal.signal(signal.SIGINT, self._previous)
            self._handling = False
        for release in reversed(self._releases):
            release()
        self._releases.clear()
        self.kept.clear()

    def keep_pointer(self, structure: Any, *others: Any) -> Any:
        """A pointer to a structure, which lives as long as the run, and others with it."""
        self.kept += [structure, *others]
        return ctypes.pointer(structure)

    def at_end(self, release: Callable[[], None]) -> None:
        self._releases.append(release)

    def _on_signal(self, number: int, frame: FrameType | None) -> None:
        try:
            self._previous(number, frame)
        except BaseException as error:
            if self._inside:
                raise
            self.failure = self.failure or error

    # ---- calls into C and back ----

    def call(self, function: Any, *arguments: Any) -> None:
        status = function(*arguments)
        if self.failure is not None:
            raise self.failure
        _errors.check(status)

    def guard(self, function: Callable[[], Any]) -> Any:
        """Runs code of the caller's inside a callback: None, and the failure kept, if it raises."""
        if self.failure is not None:
            return None
        try:
            self._inside += 1
            return function()
        except BaseException as error:
            self.failure = self.failure or error
            return None
        finally:
            self._inside -= 1

    def product(self, multiply: Callable[[np.ndarray], np.ndarray]) -> Any:
        """A speig_apply_fn for a function from blocks to blocks."""

        def into(X: Any, Y: Any) -> bool:
            # A copy, because the caller may keep what he is given longer than C does.
            _structs.view(Y.contents)[...] = multiply(_structs.view(X.contents).copy(order="F"))
            return True

        def apply(_: Any, X: Any, Y: Any) -> int:
            return 0 if self.guard(lambda: into(X, Y)) else 1

        function = _structs.ApplyFn(apply)
        self.kept.append(function)
        return function

    def progress(self, *watchers: Callable[[Progress], Any] | None) -> Any:
        """A speig_progress_fn that asks all watchers; one that returns true stops the solver."""

        def report(_: Any, record: Any) -> int:
            def ask() -> bool:
                told = Progress.read(record.contents)
                return any([bool(watcher(told)) for watcher in watchers if watcher])

            stop = self.guard(ask)
            return 0 if stop is False and self.failure is None else 1

        function = _structs.ProgressFn(report)
        self.kept.append(function)
        return function


class Iterations:
    """A watcher that stops after maxiter restarts or iterations, and counts them."""

    def __init__(self, maxiter: int | None) -> None:
        self.maxiter = maxiter
        self.count = 0

    def __call__(self, told: Progress) -> bool:
        if told.phase != "solve":
            return False
        self.count = max(self.count, told.iteration)
        return self.maxiter is not None and told.iteration >= self.maxiter




def keep_block(run: Run, array: np.ndarray) -> Any:
    """A pointer to a block that looks at array; both live as long as the run."""
    return run.keep_pointer(_structs.block_of(array), array)
