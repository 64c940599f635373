"""speig.lobpcg against known spectra, and its histories, warnings and constraints."""

import contextlib
import io
import itertools
import unittest
import warnings

import numpy as np

import speig
from matrices import TYPES, hermitian, tolerance

N = 60


def start(k, char="d", n=N):
    X = np.random.default_rng(4).normal(size=(n, k))
    return (X + 0.3j * X[::-1]).astype(char) if char in "FD" else X.astype(char)


class Pairs(unittest.TestCase):
    def test_types_ends_and_mass(self):
        for char, largest, with_b in itertools.product(TYPES, (True, False), (False, True)):
            A = hermitian(N, char, 1)
            B = hermitian(N, char, 2, definite=True) if with_b else np.eye(N, dtype=char)
            L = np.linalg.inv(np.linalg.cholesky(B.astype("D")))
            e = np.linalg.eigvalsh(L @ A @ L.conj().T)
            wanted = e[::-1][:4] if largest else e[:4]
            with self.subTest(char=char, largest=largest, B=with_b):
                X = start(4, char)
                before = X.copy()
                w, v = speig.lobpcg(A, X, B=B if with_b else None, largest=largest, maxiter=300,
                                    tol=1e-3 if char in "fF" else 1e-8)
                np.testing.assert_array_equal(X, before)
                np.testing.assert_allclose(w, wanted, atol=1e-2 * tolerance(char) ** 0.5)
                self.assertEqual((v.dtype.char, v.shape), (char, (N, 4)))
                limit = 2e-3 if char in "fF" else 2e-8
                self.assertLess(np.linalg.norm(A @ v - B @ v * w, axis=0).max(), limit)
                np.testing.assert_allclose(v.conj().T @ B @ v, np.eye(4), atol=50 * limit)

    def test_operands_may_be_functions(self):
        d = np.arange(1.0, N + 1)
        w, _ = speig.lobpcg(lambda X: d[:, None] * X, start(3), B=lambda X: X / 2,
                            M=lambda X: X / d[:, None], largest=False, maxiter=60)
        np.testing.assert_allclose(w, [2, 4, 6], rtol=1e-8)

    def test_constraints(self):
        d = np.arange(1.0, N + 1)
        for n, k in ((N, 3), (8, 2)):  # iterations, LAPACK
            with warnings.catch_warnings():
                warnings.simplefilter("ignore", UserWarning)
                w, v = speig.lobpcg(np.diag(d[:n]), start(k, n=n), Y=np.eye(n, 2), largest=False,
                                    maxiter=200)
            np.testing.assert_allclose(w, np.arange(3, 3 + k), rtol=1e-7)
            self.assertLess(np.abs(v[:2]).max(), 1e-12)

    def test_default_tolerance_means_something(self):
        # n sqrt(eps) would be met at once.
        n = 20000
        d = np.arange(1.0, n + 1) / n
        info = speig.Info()
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            w, _ = speig.lobpcg(lambda X: d[:, None].astype("f") * X, start(2, "f", n),
                                M=lambda X: X / d[:, None].astype("f"), largest=False, maxiter=400,
                                info=info)
        np.testing.assert_allclose(w, d[:2], rtol=0.05)
        self.assertLess(info.residuals.max(), 1e-3)


class Reports(unittest.TestCase):
    def test_what_does_not_converge_is_returned_with_a_warning(self):
        A = np.diag(np.arange(1.0, N + 1))
        info = speig.Info()
        with warnings.catch_warnings(record=True) as told:
            warnings.simplefilter("always")
            w, v, values, residuals = speig.lobpcg(
                A, start(4), tol=1e-9, maxiter=3, retLambdaHistory=True,
                retResidualNormsHistory=True, info=info)
        self.assertEqual([str(one.message).split(" with accuracies")[0] for one in told],
                         ["Exited at iteration 3", "Exited postprocessing"])
        self.assertEqual((w.shape, v.shape), ((4,), (N, 4)))
        np.testing.assert_allclose(np.linalg.norm(A @ v - v * w, axis=0), info.residuals)
        for history in (values, residuals):
            self.assertIsInstance(history, list)
            self.assertEqual(np.shape(history), (3 + 3, 4))
        np.testing.assert_array_equal(values[-1], w)
        np.testing.assert_array_equal(residuals[-1], info.residuals)
        self.assertTrue(np.all(np.diff(np.asarray(values)[:, 0]) > -1e-12))

    def test_histories_of_one_vector_are_numbers(self):
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", UserWarning)
            found = speig.lobpcg(np.diag(np.arange(1.0, N + 1)), start(1), maxiter=3,
                                 retLambdaHistory=True, retResidualNormsHistory=True)
        for history in found[2:]:
            self.assertEqual({np.shape(row) for row in history}, {()})

    def test_the_block_is_as_wide_as_X(self):
        widths = []
        d = np.arange(1.0, N + 1)[:, None]

        def multiply(X):
            widths.append(X.shape[1])
            return d * X

        with warnings.catch_warnings():
            warnings.simplefilter("ignore", UserWarning)
            speig.lobpcg(multiply, start(4), maxiter=5)
        self.assertLessEqual(max(widths), 8)  # X and P at once after a restart

    def test_small_problems_go_to_lapack(self):
        with self.assertWarnsRegex(UserWarning, "The problem size 9"):
            w, _ = speig.lobpcg(np.diag(np.arange(9.0)), np.eye(9, 2))
        np.testing.assert_allclose(w, [8, 7], rtol=1e-14)

    def test_verbosity(self):
        out = io.StringIO()
        with contextlib.redirect_stdout(out), warnings.catch_warnings():
            warnings.simplefilter("ignore", UserWarning)
            speig.lobpcg(np.diag(np.arange(30.0)), np.eye(30, 2), maxiter=2, verbosityLevel=1)
        self.assertTrue(out.getvalue().startswith("Solving standard eigenvalue problem without"))
        self.assertIn("iteration 2", out.getvalue())

    def test_what_is_wrong_is_told(self):
        with self.assertRaisesRegex(ValueError, "rank-2"):
            speig.lobpcg(np.eye(20), np.ones(20))
        with self.assertRaisesRegex(ValueError, "cannot be None"):
            speig.lobpcg(np.eye(20), None)
        with self.assertRaisesRegex(ValueError, r"A has shape \(19, 19\)"):
            speig.lobpcg(np.eye(19), np.ones((20, 1)))
        with self.assertWarnsRegex(UserWarning, "not inexact"):
            speig.lobpcg(np.eye(20), np.eye(20, 2, dtype=int))
        with self.assertWarnsRegex(UserWarning, "Matrix gramA"):
            speig.lobpcg(np.triu(np.ones((30, 30))), start(2, n=30), maxiter=1)
        with self.assertRaisesRegex(ValueError, "rank"):
            speig.lobpcg(np.eye(30), start(2, n=30), Y=np.ones((30, 2)))


if __name__ == "__main__":
    unittest.main()
