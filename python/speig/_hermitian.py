"""One call of speig_eigsh, which both eigsh and lobpcg make."""

from __future__ import annotations

import dataclasses
import os
import weakref
from ctypes import POINTER, byref
from typing import Any, Callable

import numpy as np

from . import _structs
from ._device import DeviceArray
from ._info import Info
from ._inverse import Problem, invertible
from ._library import lib
from ._operands import columns, operator, seed_of
from ._place import Place
from ._run import Progress, Run, keep_block


@dataclasses.dataclass
class Settings:
    """Options of every solver that SciPy does not have; names of methods are checked here."""

    backend: str = "auto"
    device: str = "auto"
    certify: str = "auto"
    progress: Callable[[Progress], Any] | None = None
    time_limit: float | None = None
    threads: int | None = None
    memory: int | None = None
    checkpoint: str | os.PathLike[str] | None = None
    resume: str | os.PathLike[str] | None = None

    def apply(self, opts: Any, methods: tuple[str, ...]) -> None:
        opts.method = choice("backend", self.backend, methods)
        opts.device = choice("device", self.device, _structs.DEVICES)
        opts.certify = choice("certify", self.certify, _structs.CERTIFY)
        opts.time_limit = self.time_limit or 0
        opts.threads = self.threads or 0
        opts.memory = self.memory or 0
        opts.checkpoint = None if self.checkpoint is None else os.fsencode(self.checkpoint)
        opts.resume = None if self.resume is None else os.fsencode(self.resume)


def choice(name: str, value: str, known: tuple[str, ...]) -> int:
    try:
        return known.index(value)
    except ValueError:
        raise ValueError(f"{name} is {value!r}, one of {', '.join(known)} needed") from None


def tolerance(tol: float | None) -> float:
    """What SciPy takes as tol, as the library wants it: 0 for as far as the type allows, and
    nothing from 1 on, where any vector is an eigenvector."""
    return min(max(float(tol or 0), 0.0), 0.5)


@dataclasses.dataclass
class Answer:
    """Pairs in ascending order, and what is known about them."""

    values: np.ndarray
    vectors: Any  # NumPy's, or a DeviceArray that place knows
    info: Info
    place: Place | None = None

    def outward(self) -> Any:
        """The vectors as the caller gets them."""
        return self.vectors if self.place is None else self.place.outward(self.vectors)

    def ordered(self, order: np.ndarray, more: tuple[str, ...] = (),
                columns_of: tuple[str, ...] = ()) -> Answer:
        """The pairs picked out by order; more, columns_of: what in info.extra goes with them."""
        info = self.info
        for name in ("residuals", "relative_residuals", "error_bounds"):
            setattr(info, name, getattr(info, name)[order])
        for name in more:
            if name in info.extra:
                info.extra[name] = info.extra[name][order]
        for name in columns_of:
            if name in info.extra:
                info.extra[name] = info.extra[name][:, order]
        vectors = self.vectors
        if vectors.shape[1] and not np.array_equal(order, np.arange(vectors.shape[1])):
            vectors = vectors[:, order]
        return Answer(self.values[order], vectors, info, self.place)


class _Result:
    """A speig_eigsh_result; freed by whoever lets go of it last."""

    def __init__(self) -> None:
        self.pointer = POINTER(_structs.EigshResult)()
        weakref.finalize(self, lib.speig_eigsh_result_free, byref(self.pointer))


def read(held: _Result, info: Info, place: Place | None) -> Answer:
    result = held.pointer.contents
    info.read_common(result)
    count, rest = int(result.k), int(result.unconverged)
    real = _structs.DTYPES[result.dtype].type(0).real.dtype
    info.residuals = _structs.doubles(result.residuals, count)
    info.relative_residuals = _structs.doubles(result.relative_residuals, count)
    info.error_bounds = _structs.doubles(result.error_bounds, count)
    info.orthogonality = float(result.orthogonality)
    info.norm_a, info.norm_m = float(result.norm_a), float(result.norm_b)
    info.unconverged_values = _structs.doubles(result.unconverged_values, rest).astype(real)
    info.unconverged_residuals = _structs.doubles(result.unconverged_residuals, rest)
    info.unconverged_vectors = _structs.view(result.unconverged_vectors).copy(order="F")
    info.extra["shift"] = float(result.shift)
    info.extra["factorizations"] = int(result.factorizations)
    info.extra["wanted"] = int(result.wanted)
    info.extra["interval"] = tuple(result.interval)
    info.extra["proven"] = tuple(result.proven)
    info.extra["estimate"] = (float(result.estimate), float(result.estimate_error))
    info.extra["precond_dropped"] = bool(result.precond_dropped)
    values = _structs.doubles(result.values, count).astype(real)
    if place is not None and result.vectors.device == _structs.CUDA:
        return Answer(values, place.result(result.vectors, held), info, place)
    return Answer(values, _structs.view(result.vectors).copy(order="F"), info, place)


def solve(problem: Problem, settings: Settings, info: Info, *, k: int, which: str, tol: float,
          rng: Any = None, guess: Any = None, deflate: Any = None, precond: Any = None,
          sigma: float | None = None, mode: str = "normal", OPinv: Any = None, Minv: Any = None,
          ncv: int = 0, block: int = 0, assume_hermitian: bool = False, vectors: bool = True,
          watch: Callable[[Progress], Any] | None = None,
          interval: tuple[float, float] | None = None) -> Answer:
    """Calls the library. Not converging is an answer; see info.outcome."""
    opts = _structs.EigshOpts()
    lib.speig_eigsh_opts_init(byref(opts))
    settings.apply(opts, _structs.METHODS)
    opts.k, opts.which = k, _structs.WHICH.index(which)
    opts.tol, opts.ncv, opts.block = tol, ncv, block
    opts.seed = seed_of(rng)
    opts.assume_hermitian, opts.values_only = assume_hermitian, not vectors
    if interval is not None:
        opts.has_interval = 1
        opts.interval[0], opts.interval[1] = interval
    n, dtype = problem.n, problem.dtype
    place = Place.of(problem.A, problem.M, guess, deflate, precond, OPinv, Minv,
                     threads=settings.threads)
    if place is not None:
        enter(place, settings, opts)
        opts.vectors_on = _structs.CUDA
    if sigma is not None:
        opts.has_sigma, opts.sigma, opts.mode = 1, sigma, _structs.MODES.index(mode)
        if place is None:
            problem, OPinv = invertible(problem, sigma, dtype, OPinv, tol)
    with Run() as run:
        ops = {name: made(run, place, name, thing, dtype, n) for name, thing in (
            ("A", problem.A), ("M", problem.M), ("OPinv", OPinv), ("Minv", Minv),
            ("the preconditioner", precond))}
        opts.op_inverse, opts.mass_inverse = ops["OPinv"], ops["Minv"]
        opts.precond = ops["the preconditioner"]
        if guess is not None:
            opts.guess = block_of(run, place, "the start vector", guess, dtype, n)
        if deflate is not None:
            opts.deflate = block_of(run, place, "the constraints", deflate, dtype, n)
        opts.progress = run.progress(watch, settings.progress)
        held = _Result()
        run.call(lib.speig_eigsh, ops["A"], ops["M"], byref(opts), byref(held.pointer))
        return read(held, info, place)


def enter(place: Place, settings: Settings, opts: Any) -> None:
    """The solve takes place where the caller's arrays are."""
    if settings.device not in ("auto", "cuda"):
        raise ValueError(f"device is {settings.device!r}, but arrays are in device memory: 'auto' "
                         "or 'cuda' needed")
    opts.context, opts.threads = place.context.handle, 0


def made(run: Run, place: Place | None, name: str, A: Any, dtype: np.dtype,
              n: int) -> int | None:
    """The address of a speig_operator; None for None."""
    if A is None:
        return None
    there = None if place is None else place.operator(run, name, A, dtype, n)
    return (there or operator(run, name, A, dtype, n)).value


def block_of(run: Run, place: Place | None, name: str, X: Any, dtype: np.dtype, n: int) -> Any:
    if place is not None and isinstance(X, DeviceArray):
        return place.block(run, name, X, dtype, n)
    return keep_block(run, columns(name, X, dtype, n))


