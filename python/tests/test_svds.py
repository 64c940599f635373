"""speig.svds against LAPACK, and beside scipy.sparse.linalg.svds."""

import itertools
import unittest
import warnings

import numpy as np

import speig
from matrices import TYPES, tolerance

try:
    import scipy.sparse
    import scipy.sparse.linalg as peer
except ImportError:
    peer = None


def matrix(shape, char, seed=0):
    rng = np.random.default_rng(seed)
    A = rng.normal(size=shape)
    return (A + 1j * rng.normal(size=shape) if char in "FD" else A).astype(char)


class Triplets(unittest.TestCase):
    def check(self, A, u, s, vh, k, which, char):
        e = np.sort(np.linalg.svd(A, compute_uv=False))
        limit = 10 * max(1, e[-1]) * tolerance(char)
        np.testing.assert_allclose(s, e[-k:] if which == "LM" else e[:k], atol=limit)
        self.assertEqual((u.shape, s.shape, vh.shape), ((A.shape[0], k), (k,), (k, A.shape[1])))
        self.assertEqual((u.dtype.char, s.dtype.char, vh.dtype.char), (char, char.lower(), char))
        self.assertLess(np.abs(A @ vh.conj().T - u * s).max(), limit)
        self.assertLess(np.abs(A.conj().T @ u - vh.conj().T * s).max(), limit)
        for X in (u, vh.conj().T):
            np.testing.assert_allclose(X.conj().T @ X, np.eye(k), atol=limit)

    def test_types_shapes_and_which(self):
        for char, shape, which, backend in itertools.product(
                TYPES, ((40, 40), (60, 30), (30, 60)), ("LM", "SM"), ("auto", "golub-kahan")):
            with self.subTest(char=char, shape=shape, which=which, backend=backend):
                A = matrix(shape, char)
                self.check(A, *speig.svds(A, 4, which=which, backend=backend), 4, which, char)

    def test_operators(self):
        A = matrix((70, 50), "D", 2)

        class Operator:
            shape, dtype = A.shape, A.dtype

            def matvec(self, x):
                assert x.ndim == 1
                return A @ x

            def rmatvec(self, x):
                assert x.ndim == 1
                return A.conj().T @ x

        self.check(A, *speig.svds(Operator(), 3), 3, "LM", "D")

        class OneWay(Operator):
            rmatvec = property()

        with self.assertRaisesRegex(TypeError, "rmatvec"):
            speig.svds(OneWay(), 3)

    def test_partial_returns(self):
        A = matrix((20, 30), "d")
        for vectors, there in (("u", (True, False)), ("vh", (False, True)), (True, (True, True))):
            u, s, vh = speig.svds(A, 3, return_singular_vectors=vectors)
            self.assertEqual((u is not None, vh is not None), there)
        self.assertEqual(speig.svds(A, 3, return_singular_vectors=False).shape, (3,))

    def test_small_values_are_accurate(self):
        # Squared, everything below 1e-8 is lost.
        U, V = (np.linalg.qr(matrix((60, 60), "d", seed))[0] for seed in (1, 2))
        d = np.logspace(0, -12, 60)
        s = speig.svds((U * d) @ V, 3, which="SM", return_singular_vectors=False)
        np.testing.assert_allclose(s, d[-1:-4:-1], rtol=1e-2)

    def test_low_rank(self):
        for A in (np.zeros((30, 20)), np.ones((20, 30)), np.diag(np.r_[np.ones(3), np.zeros(22)])):
            self.check(A, *speig.svds(A, 5), 5, "LM", "d")

    def test_iterations_as_each_solver_counts_them(self):
        A = matrix((300, 200), "d", 5)
        for vectors in (True, False, "u", "vh"):
            info = speig.Info()
            with self.assertWarnsRegex(UserWarning, "Exited at iteration 2"):
                found = speig.svds(A, 3, solver="lobpcg", maxiter=2, info=info,
                                   return_singular_vectors=vectors)
            self.assertLessEqual(info.matvecs, 2 * 3 * 3 + 2)
            u, s, vh = found if vectors else (None, found, None)
            self.assertEqual(s.shape, (3,))
            self.assertTrue(np.all(np.diff(s) >= 0))
            self.assertEqual((u is not None, vh is not None),
                             (vectors in (True, "u"), vectors in (True, "vh")))
            if vectors is True:  # approximations, as good as is told
                residuals = np.linalg.norm(A.T @ u - vh.T * s, axis=0)
                np.testing.assert_allclose(A @ vh.T, u * s, atol=1e-12)
                np.testing.assert_allclose(residuals, info.residuals, rtol=1e-6)
        with self.assertRaisesRegex(np.linalg.LinAlgError, "k=3 singular triplets did not"):
            speig.svds(A, 3, solver="propack", maxiter=4)
        with self.assertRaisesRegex(speig.ArpackNoConvergence, "No convergence") as caught:
            speig.svds(A, 3, ncv=5, maxiter=1)
        self.assertEqual(caught.exception.info.unconverged_vectors.shape[0], 200)

    def test_loose_tolerances_find_the_right_values(self):
        A = matrix((300, 200), "d", 6)
        e = np.linalg.svd(A, compute_uv=False)
        for tol in (1e-2, 0.1, 1):
            s = speig.svds(A, 2, tol=tol, v0=np.ones(200), return_singular_vectors=False)
            np.testing.assert_allclose(s, e[1::-1], rtol=2e-2)

    def test_tolerance_is_that_of_the_squared_problem(self):
        A = matrix((300, 200), "d", 6)
        for solver in ("arpack", "lobpcg", "propack"):
            for tol in (1e-3, 1e-5):
                info = speig.Info()
                u, s, vh = speig.svds(A, 2, tol=tol, solver=solver, rng=0, info=info)
                self.assertAlmostEqual(info.tol, tol**2)
                residuals = np.linalg.norm(A.T @ u - vh.T * s, axis=0)
                self.assertLessEqual(residuals.max(), 2 * tol**2 * s.max())
                self.assertGreater(residuals.max(), 1e-14)  # and no more than that was done

    def test_random_numbers(self):
        A = matrix((100, 100), "d", 7)
        for equal, arguments in ((True, {}), (True, {"rng": 3}), (True, {"random_state": 3}),
                                 (False, {"random_state": None})):
            first, second = (speig.svds(A, 2, backend="golub-kahan", **arguments)[0]
                             for _ in range(2))
            self.assertEqual(np.array_equal(first, second), equal, arguments)
        np.random.seed(5)
        first = speig.svds(A, 2, random_state=None)[0]
        np.random.seed(5)
        np.testing.assert_array_equal(first, speig.svds(A, 2, random_state=None)[0])

    def test_info(self):
        info = speig.Info()
        u, s, vh = speig.svds(matrix((80, 60), "d"), 4, info=info)
        self.assertTrue(info.complete)
        self.assertEqual(info.residuals.shape, (4,))
        self.assertLess(max(info.residuals.max(), info.extra["adjoint_residuals"].max()), 1e-11)


@unittest.skipUnless(peer, "no SciPy")
class BesideThePeer(unittest.TestCase):
    def test_table(self):
        for char, shape, which, form in itertools.product(
                TYPES, ((24, 24), (30, 20), (20, 30)), ("LM", "SM"),
                (np.asarray, scipy.sparse.csr_matrix, peer.aslinearoperator)):
            with self.subTest(char=char, shape=shape, which=which, form=form.__name__):
                dense = matrix(shape, char)
                A = form(dense)
                with warnings.catch_warnings():
                    warnings.simplefilter("ignore")
                    ours, theirs = speig.svds(A, 3, which=which), peer.svds(A, 3, which=which)
                self.assertEqual([x.shape for x in ours], [x.shape for x in theirs])
                self.assertEqual([x.dtype for x in ours], [x.dtype for x in theirs])
                # Not the peer's values: its smallest ones in single precision are luck.
                e = np.sort(np.linalg.svd(dense.astype("D"), compute_uv=False))
                np.testing.assert_allclose(ours[1], e[-3:] if which == "LM" else e[:3],
                                           atol=10 * tolerance(char))

    def test_refused_as_by_the_peer(self):
        A = matrix((12, 10), "d")
        for arguments in (dict(k=0), dict(k=10), dict(k=1.5), dict(k=2, tol=-1),
                          dict(k=2, which="LA"), dict(k=2, v0=np.ones(11)), dict(k=2, maxiter=0),
                          dict(k=2, ncv=1), dict(k=2, solver="other"),
                          dict(k=2, return_singular_vectors="v")):
            with self.subTest(**arguments):
                self.assertRaises(ValueError, speig.svds, A, **arguments)
                self.assertRaises(ValueError, peer.svds, A, **arguments)


if __name__ == "__main__":
    unittest.main()
