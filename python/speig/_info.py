"""What is known about an answer beside the answer itself."""

from __future__ import annotations

import dataclasses
import warnings
from typing import Any

import numpy as np

from . import _structs


@dataclasses.dataclass
class Info:
    """Filled in by a solver that it is handed to as `info=`; also `error.info` of an
    ArpackNoConvergence.

    `outcome` says how sure the answer is: "certified" (LAPACK computed the whole spectrum, or a
    factorization proves that none is missing), "validated" (an independent probe found none
    missing), "converged" (the residuals hold), "partial" or "failed". `reason` says why the solver
    stopped. Arrays are in the order of the returned values.
    """

    outcome: str = ""
    reason: str = ""
    method: str = ""
    device: str = ""
    #: ||A x - lambda M x||, recomputed from A at the end, and the same relative to the norms
    residuals: np.ndarray = dataclasses.field(default_factory=lambda: np.zeros(0))
    relative_residuals: np.ndarray = dataclasses.field(default_factory=lambda: np.zeros(0))
    #: bounds of the errors of the eigenvalues; NaN where none is known
    error_bounds: np.ndarray = dataclasses.field(default_factory=lambda: np.zeros(0))
    #: max |X^H M X - I|
    orthogonality: float = 0.0
    norm_a: float = 0.0
    norm_m: float = 1.0
    tol: float = 0.0
    #: approximations that did not converge
    unconverged_values: np.ndarray = dataclasses.field(default_factory=lambda: np.zeros(0))
    unconverged_residuals: np.ndarray = dataclasses.field(default_factory=lambda: np.zeros(0))
    unconverged_vectors: np.ndarray = dataclasses.field(default_factory=lambda: np.zeros((0, 0)))
    matvecs: int = 0
    iterations: int = 0
    seconds: float = 0.0
    memory_bytes: int = 0
    seed: int = 0
    threads: int = 0
    #: what `resume` was good for: "none", "state", "vectors"; why a checkpoint was not written
    resumed: str = "none"
    checkpoint_failure: str = ""
    #: what only some solvers have: "precond_dropped", "conditions", "left" ...
    extra: dict[str, Any] = dataclasses.field(default_factory=dict)

    def read_common(self, result: Any, methods: tuple[str, ...] = _structs.METHODS) -> None:
        """The fields that the results of all solvers have under the same names."""
        self.outcome = _structs.OUTCOMES[result.outcome]
        self.reason = _structs.REASONS[result.reason]
        self.resumed = _structs.RESUMED[result.resumed]
        self.checkpoint_failure = result.checkpoint_failure.decode(errors="replace")
        if self.checkpoint_failure:
            warnings.warn(f"a checkpoint could not be written: {self.checkpoint_failure}",
                          RuntimeWarning, stacklevel=4)
        self.method = methods[result.method]
        self.device = _structs.DEVICES[result.device]
        self.tol = float(result.tol)
        self.matvecs = int(result.matvecs)
        self.iterations = int(result.restarts)
        self.seconds = float(result.seconds_setup + result.seconds_solve + result.seconds_certify)
        self.memory_bytes = int(result.memory_bytes)
        self.seed = int(result.seed)
        self.threads = int(result.threads)

    @property
    def complete(self) -> bool:
        """Whether all wanted pairs were found."""
        return self.outcome in ("certified", "validated", "converged")
