"""One call of speig_eigsh, which both eigsh and lobpcg make."""

from __future__ import annotations

import dataclasses
from ctypes import POINTER, byref
from typing import Any, Callable

import numpy as np

from . import _structs
from ._info import Info
from ._inverse import Problem, invertible
from ._library import lib
from ._operands import columns, operator, pointer_or_none, seed_of
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

    def apply(self, opts: Any, methods: tuple[str, ...]) -> None:
        opts.method = choice("backend", self.backend, methods)
        opts.device = choice("device", self.device, _structs.DEVICES)
        opts.certify = choice("certify", self.certify, _structs.CERTIFY)
        opts.time_limit = self.time_limit or 0
        opts.threads = self.threads or 0
        opts.memory = self.memory or 0


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
    vectors: np.ndarray
    info: Info

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
        vectors = self.vectors[:, order] if self.vectors.shape[1] else self.vectors
        return Answer(self.values[order], vectors, info)


def read(result: Any, info: Info) -> Answer:
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
    info.extra["precond_dropped"] = bool(result.precond_dropped)
    values = _structs.doubles(result.values, count).astype(real)
    return Answer(values, _structs.view(result.vectors).copy(order="F"), info)


def solve(problem: Problem, settings: Settings, info: Info, *, k: int, which: str, tol: float,
          rng: Any = None, guess: Any = None, deflate: Any = None, precond: Any = None,
          sigma: float | None = None, mode: str = "normal", OPinv: Any = None, Minv: Any = None,
          ncv: int = 0, block: int = 0, assume_hermitian: bool = False, vectors: bool = True,
          watch: Callable[[Progress], Any] | None = None) -> Answer:
    """Calls the library. Not converging is an answer; see info.outcome."""
    opts = _structs.EigshOpts()
    lib.speig_eigsh_opts_init(byref(opts))
    settings.apply(opts, _structs.METHODS)
    opts.k, opts.which = k, _structs.WHICH.index(which)
    opts.tol, opts.ncv, opts.block = tol, ncv, block
    opts.seed = seed_of(rng)
    opts.assume_hermitian, opts.values_only = assume_hermitian, not vectors
    n, dtype = problem.n, problem.dtype
    if sigma is not None:
        opts.has_sigma, opts.sigma, opts.mode = 1, sigma, _structs.MODES.index(mode)
        problem, OPinv = invertible(problem, sigma, dtype, OPinv, tol)
    with Run() as run:
        for name, inverse in (("op_inverse", OPinv), ("mass_inverse", Minv)):
            if inverse is not None:
                setattr(opts, name, operator(run, name, inverse, dtype, n).value)
        a = operator(run, "A", problem.A, dtype, n)
        b = None if problem.M is None else operator(run, "M", problem.M, dtype, n)
        if precond is not None:
            opts.precond = pointer_or_none(operator(run, "the preconditioner", precond, dtype, n))
        if guess is not None:
            opts.guess = keep_block(run, columns("the start vector", guess, dtype, n))
        if deflate is not None:
            opts.deflate = keep_block(run, columns("the constraints", deflate, dtype, n))
        opts.progress = run.progress(watch, settings.progress)
        result = POINTER(_structs.EigshResult)()
        run.at_end(lambda: lib.speig_eigsh_result_free(byref(result)))
        run.call(lib.speig_eigsh, a, b, byref(opts), byref(result))
        return read(result.contents, info)


