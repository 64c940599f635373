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
                A = form(matrix(shape, char))
                with warnings.catch_warnings():
                    warnings.simplefilter("ignore")
                    ours, theirs = speig.svds(A, 3, which=which), peer.svds(A, 3, which=which)
                self.assertEqual([x.shape for x in ours], [x.shape for x in theirs])
                self.assertEqual([x.dtype for x in ours], [x.dtype for x in theirs])
                np.testing.assert_allclose(ours[1], theirs[1], atol=200 * tolerance(char))

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
