"""speig.lobpcg: SciPy's call on speig's LOBPCG."""

from __future__ import annotations

import warnings
from typing import Any, Callable

import numpy as np

from . import _operands
from ._device import DeviceArray
from ._hermitian import Answer, Settings, solve
from ._info import Info
from ._inverse import Problem
from ._operands import explicit, is_sparse, multiplier, shape_of
from ._run import Progress


class _Record:
    """Watches a solve: the histories, and SciPy's tolerance, which is absolute."""

    def __init__(self, maxiter: int, tol: float | None, verbose: int) -> None:
        self.maxiter, self.tol, self.verbose = maxiter, tol, verbose
        self.values: list[np.ndarray] = []
        self.residuals: list[np.ndarray] = []
        self.iteration = 0
        self.reached = False

    def __call__(self, told: Progress) -> bool:
        if told.phase != "solve":
            return False
        self.iteration = told.iteration
        self.values.append(told.values)
        self.residuals.append(told.residuals)
        if self.verbose:
            print(f"iteration {told.iteration}")
            print(f"current eigenvalues: {told.values}")
            print(f"current residual norms: {told.residuals}")
        # Half of what is accepted, because Rayleigh-Ritz at the end mixes residuals.
        if self.tol is not None and np.all(told.residuals <= 0.5 * self.tol):
            self.reached = True
        return self.reached or told.iteration >= self.maxiter


def _block(X: Any) -> np.ndarray:
    if X is None:
        raise ValueError("The mandatory initial matrix X cannot be None")
    X = _operands.explicit_array(X)
    X = X if isinstance(X, DeviceArray) else np.asarray(X)
    if X.ndim != 2:
        raise ValueError("expected rank-2 array for argument X")
    if isinstance(X, np.ndarray) and not np.issubdtype(X.dtype, np.inexact):
        warnings.warn(f"Data type for argument X is {X.dtype}, which is not inexact, so casted "
                      "to np.float32.", UserWarning, stacklevel=3)
        X = X.astype(np.float32)
    return X


def _dtype(X: Any, *others: Any) -> np.dtype:
    """X decides the precision; what is complex makes the problem complex. A function without a
    dtype is tried on one column."""
    dtype = _operands.working(X.dtype)
    for thing in others:
        if thing is None or dtype.kind == "c":
            continue
        if isinstance(X, DeviceArray) and getattr(thing, "dtype", None) is None:
            continue
        if _operands.dtype_of(thing, lambda: X[:, :1]).kind == "c":
            dtype = np.result_type(dtype, np.complex64)
    return dtype


def _describe(n: int, size: int, B: Any, M: Any, constraints: int) -> None:
    print(f"Solving {'standard' if B is None else 'generalized'} eigenvalue problem "
          f"with{'out' if M is None else ''} preconditioning\n")
    print(f"matrix size {n}")
    print(f"block size {size}\n")
    print(f"{constraints or 'No'} constraint{'' if constraints == 1 else 's'}\n\n")


def _check_hermitian(A: Any, X: Any) -> None:
    """SciPy's warning about a projected matrix that is not Hermitian; matrices only, because for
    a function it would cost products."""
    if isinstance(X, DeviceArray) or not (is_sparse(A) or isinstance(A, np.ndarray)):
        return
    Q = np.linalg.qr(X)[0] if X.shape[1] <= X.shape[0] else X
    gram = Q.conj().T @ np.asarray(multiplier(A)(Q))
    defect = np.linalg.norm(gram - gram.conj().T, 1)
    allowed = 10 * np.finfo(X.dtype).eps * max(1.0, np.linalg.norm(gram, 1))
    if defect > allowed:
        warnings.warn(f"Matrix gramA of the type {gram.dtype} is not Hermitian: condition: "
                      f"{defect} < {allowed} fails.", UserWarning, stacklevel=3)


def _gather(answer: Answer, largest: bool) -> Answer:
    """All pairs of the block, converged or not, in SciPy's order."""
    info = answer.info
    values = np.concatenate([answer.values, info.unconverged_values])
    residuals = np.concatenate([info.residuals, info.unconverged_residuals])
    order = np.argsort(values, kind="stable")
    order = order[::-1] if largest else order
    info.residuals = residuals[order]
    return Answer(values[order], _vectors(answer, order), info, answer.place)


def _vectors(answer: Answer, order: np.ndarray) -> Any:
    found, rest = answer.vectors, answer.info.unconverged_vectors
    if isinstance(found, np.ndarray) or answer.place is None:
        return np.asfortranarray(np.concatenate([found, rest], axis=1)[:, order])
    count = found.shape[1]
    columns = [(found, j) if j < count else (rest, j - count) for j in map(int, order)]
    return answer.place.gathered(columns, found.shape[0], found.dtype)


def _dense(problem: Problem, settings: Settings, info: Info, k: int, largest: bool,
           Y: Any) -> Answer:
    settings.backend = "dense"
    answer = solve(problem, settings, info, k=k, which="LA" if largest else "SA", tol=0,
                   deflate=Y, assume_hermitian=True)
    return _gather(answer, largest)


def _report(record: _Record, info: Info, tol: float) -> None:
    """SciPy's warnings, which is all it tells of a run that did not converge: by the residuals of
    the last iteration, and by those recomputed at the end."""
    if record.reached or info.complete:
        return
    last = record.residuals[-1] if record.residuals else info.residuals
    for where, residuals in ((f"at iteration {record.iteration}", last),
                             ("postprocessing", info.residuals)):
        warnings.warn(f"Exited {where} with accuracies \n{residuals}\n"
                      f"not reaching the requested tolerance {tol}.", UserWarning, stacklevel=3)


def lobpcg(A: Any, X: Any, B: Any = None, M: Any = None, Y: Any = None, tol: float | None = None,
           maxiter: int | None = None, largest: bool = True, verbosityLevel: int = 0,
           retLambdaHistory: bool = False, retResidualNormsHistory: bool = False,
           restartControl: int = 20, *, device: str = "auto", certify: str = "auto",
           progress: Callable[[Progress], Any] | None = None, info: Info | None = None,
           time_limit: float | None = None, threads: int | None = None,
           memory: int | None = None) -> Any:
    """The largest or smallest eigenvalues by LOBPCG, with a preconditioner and constraints.

    Solves ``A x = w x`` or ``A x = w B x`` with a positive definite B, starting from the columns
    of X. The arguments up to `restartControl` are those of `scipy.sparse.linalg.lobpcg`.

    Parameters
    ----------
    A, B, M : sparse matrix, array, LinearOperator or function of an n x p array
        The matrix, the mass matrix, and the preconditioner, which is about the inverse of A.
    X : n x k array
        Start vectors; as many pairs are found, in X's precision. X itself is left alone.
    Y : n x y array
        Constraints: the pairs are sought in their (B-)orthogonal complement.
    tol : float
        Residuals ``||A x - w B x||`` to be reached, with ``x`` of B-norm 1, absolute as in SciPy.
        None: relative to the norms of A and B, the square root of the precision, so that it means
        the same for every matrix (SciPy's n sqrt(eps) is met by random vectors when n is large).
    maxiter : int
        Iterations, 20 by default.
    largest : bool
        Which end; the largest come in falling, the smallest in rising order.
    verbosityLevel : int
        Not 0: prints iterations.
    retLambdaHistory, retResidualNormsHistory : bool
        Also return the values and residuals of every iteration, of the block that was kept, and as
        recomputed at the end.
    restartControl : int
        Taken for SciPy's sake. What it is for, residuals that jump when the basis degenerates,
        does not happen here, because the basis is kept orthonormal.

    A run that does not reach the tolerance warns and returns what it has, as SciPy's does. See
    `eigsh` for the arguments after `restartControl`.

    Examples
    --------
    >>> import numpy as np, speig
    >>> A = np.diag(np.arange(1.0, 101.0))
    >>> X = np.random.default_rng(1).normal(size=(100, 3))
    >>> w, v = speig.lobpcg(A, X, largest=False, maxiter=100, M=np.diag(1 / np.arange(1.0, 101.0)))
    >>> print(w.round(8))
    [1. 2. 3.]
    """
    A, B, M = map(explicit, (A, B, M))
    X, Y = _block(X), _operands.explicit_array(Y)
    info = Info() if info is None else info
    settings = Settings("lobpcg", device, certify, progress, time_limit, threads, memory)
    maxiter = 20 if maxiter is None else int(maxiter)
    Y = np.asarray(Y) if Y is not None and not isinstance(Y, DeviceArray) else Y
    if Y is not None and Y.ndim != 2:
        warnings.warn(f"Expected rank-2 array for argument Y, instead got {Y.ndim}, so ignore "
                      "it and use no constraints.", UserWarning, stacklevel=2)
        Y = None
    n, size = X.shape
    for name, thing in (("A", A), ("B", B), ("M", M)):
        if shape_of(thing) not in (None, (n, n)):
            raise ValueError(f"{name} has shape {shape_of(thing)}, ({n}, {n}) needed by X")
    problem = Problem(A, B, _dtype(X, A, B), n)
    if verbosityLevel and X.dtype.kind != problem.dtype.kind:
        warnings.warn(f"Inplace update of X is impossible, its type is {X.dtype} and that of the "
                      f"problem {problem.dtype}: a copy is used.", UserWarning, stacklevel=2)
    if isinstance(X, np.ndarray):
        X = X.astype(problem.dtype)
    constraints = 0 if Y is None else Y.shape[1]
    if verbosityLevel:
        _describe(n, size, B, M, constraints)
    if n - constraints < 5 * size:
        warnings.warn(
            f"The problem size {n} minus the constraints size {constraints} is too small relative "
            f"to the block size {size}. Using a dense eigensolver instead of LOBPCG iterations."
            "No output of the history of the iterations.", UserWarning, stacklevel=2)
        answer = _dense(problem, settings, info, min(size, n - constraints), largest, Y)
        return answer.values, answer.outward()
    _check_hermitian(A, X)
    record = _Record(maxiter, tol if tol is not None and tol > 0 else None, verbosityLevel)
    relative = 0.0 if record.tol else float(np.sqrt(np.finfo(problem.dtype).eps))
    answer = solve(problem, settings, info, k=size, block=size, which="LA" if largest else "SA",
                   tol=relative, guess=X, deflate=Y, precond=M, assume_hermitian=True, watch=record)
    answer = _gather(answer, largest)
    record.reached |= record.tol is not None and bool(np.all(info.residuals <= record.tol))
    _report(record, info, record.tol or info.tol)
    outputs: list[Any] = [answer.values, answer.outward()]
    for wanted, rows, last in ((retLambdaHistory, record.values, answer.values),
                               (retResidualNormsHistory, record.residuals, info.residuals)):
        if wanted:
            outputs.append([np.squeeze(row) for row in rows + rows[-1:] + [last]])
    return tuple(outputs)


