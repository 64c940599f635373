"""pytest plugin: SciPy's own tests of its four eigenvalue functions, with speig's in their place.

    python3 -m pytest -p scipy_plugin --pyargs scipy.sparse.linalg._eigen.tests.test_svds
"""

import importlib

import pytest
import scipy
import scipy.sparse.linalg

import speig

FUNCTIONS = ("eigs", "eigsh", "lobpcg", "svds")
EIGEN = "scipy.sparse.linalg._eigen"
MODULES = ("scipy.sparse.linalg", EIGEN, EIGEN + ".arpack", EIGEN + ".arpack.arpack",
           EIGEN + ".lobpcg", EIGEN + ".lobpcg.lobpcg", EIGEN + "._svds")
VERSION = tuple(int(part) for part in scipy.__version__.split(".")[:2])

# Tests that are to fail, and why. One that passes all the same is a failure (strict), so that the
# table holds nothing it need not hold. With the version of SciPy from which it passes.
EXCLUDED = {
    "test_reentering":
        ("its operator returns the same vector whatever it is given; it is not linear, there is no "
         "eigenvalue to find, and speig says so", None),
    "test_failure_to_run_iterations":
        ("demands that LOBPCG breaks down on a matrix of low rank, which speig's does not; SciPy "
         "1.11 no longer demands it", (1, 11)),
}


def pytest_configure(config):
    for module in map(importlib.import_module, MODULES):
        for name in FUNCTIONS:
            # arpack, lobpcg are both packages and what is in them
            if callable(getattr(module, name, None)):
                setattr(module, name, getattr(speig, name))


def pytest_collection_modifyitems(items):
    for item in items:
        for name in FUNCTIONS:
            if getattr(item.module, name, None) not in (None, getattr(speig, name)):
                raise pytest.UsageError(f"{item.module.__name__} does not use speig's {name}")
        reason, passes_from = EXCLUDED.get(item.originalname, (None, None))
        if reason and (passes_from is None or VERSION < passes_from):
            item.add_marker(pytest.mark.xfail(reason=reason, strict=True))
