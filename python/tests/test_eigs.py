"""speig.eigs against LAPACK, and beside scipy.sparse.linalg.eigs."""

import itertools
import unittest
import warnings

import numpy as np

import speig
from matrices import TYPES, distance, hermitian, tolerance

try:
    import scipy.linalg
    import scipy.sparse
    import scipy.sparse.linalg as peer
except ImportError:
    peer = None

WHICH = ("LM", "SM", "LR", "SR", "LI", "SI")


def general(n, char, seed=0):
    rng = np.random.default_rng(seed)
    A = rng.normal(size=(n, n))
    return (A + 1j * rng.normal(size=(n, n)) if char in "FD" else A).astype(char)


def pick(values, k, which, real):
    """The best k values, and one more where the cut would part a conjugate pair."""
    key = {"M": np.abs, "R": np.real, "I": (lambda w: np.abs(w.imag)) if real else np.imag}
    t = key[which[1]](values)
    rank = np.argsort(-t if which[0] == "L" else t, kind="stable")
    return values[rank[:k]], values[rank[:k + 1]]


class Standard(unittest.TestCase):
    def test_types_which_and_methods(self):
        for char, which, backend, with_m in itertools.product(
                TYPES, WHICH, ("auto", "krylov-schur"), (False, True)):
            if backend == "krylov-schur" and (which in ("SM", "SI") or with_m):
                continue
            A = general(50, char, 1)
            M = hermitian(50, char, 2, definite=True) if with_m else None
            e = np.linalg.eigvals(np.linalg.solve(M, A) if with_m else A)
            with self.subTest(char=char, which=which, backend=backend, M=with_m):
                w, v = speig.eigs(A, 4, M=M, which=which, backend=backend)
                limit = 300 * tolerance(char)
                wanted = pick(e, 4, which, char in "fd")[1]
                self.assertEqual((w.shape, v.shape), ((4,), (50, 4)))
                self.assertEqual((w.dtype.char, v.dtype.char), (char.upper(), char.upper()))
                self.assertLess(distance(w, wanted), limit)
                residual = A @ v - (M @ v if with_m else v) * w
                self.assertLess(np.abs(residual).max(), limit)

    def test_pairs_whole_or_cut(self):
        A = np.zeros((30, 30))
        A[0, 1], A[1, 0] = 5, -5  # +-5i lead
        A[np.arange(2, 30), np.arange(2, 30)] = np.linspace(0, 1, 28)
        whole = speig.eigs(A, 1, return_eigenvectors=False, whole_pairs=True)
        np.testing.assert_allclose(np.sort_complex(whole), [-5j, 5j], atol=1e-13)
        cut = speig.eigs(A, 1)
        self.assertEqual((cut[0].shape, cut[1].shape), ((1,), (30, 1)))
        np.testing.assert_allclose(np.abs(cut[0].imag), [5])

    def test_left_vectors_and_conditions(self):
        A = general(40, "d", 4)
        info = speig.Info()
        w, v = speig.eigs(A, 5, left=True, info=info)
        y = info.extra["left"]
        self.assertEqual(y.shape, (40, 5))
        np.testing.assert_allclose(A.T @ y, y * w.conj(), atol=1e-12)
        x_y = np.abs(np.sum(y.conj() * v, axis=0))
        np.testing.assert_allclose(info.extra["conditions"], 1 / x_y, rtol=1e-8)

    def test_ill_conditioned_values_are_told(self):
        n = 200
        A = sum(np.diag(np.ones(n - abs(d)) * (-1 if d < 0 else 1), d) for d in (-1, 0, 1, 2, 3))
        info = speig.Info()
        with self.assertWarnsRegex(speig.IllConditioned, "small residuals mean little"):
            speig.eigs(A, 4, info=info)  # Grcar's matrix
        self.assertEqual(info.outcome, "converged")
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            speig.eigs(A[:20, :20], 4, info=info)
        self.assertEqual(info.outcome, "certified")

    def test_progress_is_complex(self):
        told = []
        d = np.arange(1.0, 3001.0)
        speig.eigs(lambda X: d[:, None] * X, 3, v0=np.ones(3000), progress=told.append,
                   tol=1e-8)
        self.assertTrue(told)
        self.assertEqual(told[-1].values.dtype.kind, "c")

    def test_partial_results(self):
        with self.assertRaises(speig.ArpackNoConvergence) as caught:
            speig.eigs(general(400, "d", 5), 6, maxiter=4, ncv=12)
        error = caught.exception
        self.assertEqual(error.eigenvectors.shape, (400, len(error.eigenvalues)))
        self.assertEqual(error.info.unconverged_values.dtype.kind, "c")


@unittest.skipUnless(peer, "no SciPy")
class Shifted(unittest.TestCase):
    def test_against_lapack(self):
        for char, sigma, with_m in itertools.product(TYPES, (0, 0.3, 0.2 + 0.5j), (False, True)):
            A = general(50, char, 3)
            M = hermitian(50, char, 4, definite=True) if with_m else None
            e = np.linalg.eigvals(np.linalg.solve(M, A) if with_m else A)
            part = 1 / (e - sigma)
            if char in "fd" and np.imag(sigma):
                part = (part + 1 / (e - np.conj(sigma))) / 2
            nearest = e[np.argsort(-np.abs(part), kind="stable")]
            for form in (np.asarray, scipy.sparse.csc_matrix):
                with self.subTest(char=char, sigma=sigma, M=with_m, form=form.__name__):
                    w, v = speig.eigs(form(A), 4, M=None if M is None else form(M), sigma=sigma)
                    self.assertLess(distance(w, nearest[:5]), 1000 * tolerance(char))
                    residual = A @ v - (M @ v if with_m else v) * w
                    self.assertLess(np.abs(residual).max(), 1000 * tolerance(char))

    def test_inverses_of_the_callers(self):
        n = 2500
        A = scipy.sparse.diags([-1.0, 2.0, -0.999], [-1, 0, 1], (n, n)).tocsc()
        for sigma in (-0.001, -0.001 + 0.001j):
            inverse = peer.splu((A - sigma * scipy.sparse.identity(n)).tocsc())
            OPinv = peer.LinearOperator((n, n), matvec=lambda x: inverse.solve(
                x.astype(inverse.L.dtype)), dtype=inverse.L.dtype)
            w, v = speig.eigs(A, 3, sigma=sigma, OPinv=OPinv)
            np.testing.assert_allclose(A @ v, v * w, atol=1e-9)

    def test_operators_of_any_order(self):
        # Expanded, and by GMRES.
        for n in (400, 2001):
            d = np.linspace(1, 2, n)
            d[:] = np.repeat([1, 1.5, 2, 3], [n // 2, n // 4, n // 8, n - n // 2 - n // 4 - n // 8])
            d[:3] = 0.1, 0.2, 0.3
            A = peer.LinearOperator((n, n), matvec=lambda x: d * x, dtype=float)
            w = speig.eigs(A, 2, sigma=0, return_eigenvectors=False, tol=1e-6)
            np.testing.assert_allclose(np.sort(w.real), [0.1, 0.2], rtol=1e-4)


@unittest.skipUnless(peer, "no SciPy")
class BesideThePeer(unittest.TestCase):
    def compare(self, A, k, limit, **arguments):
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            ours, theirs = speig.eigs(A, k, **arguments), peer.eigs(A, k, **arguments)
        self.assertEqual((ours[0].shape, ours[1].shape), (theirs[0].shape, theirs[1].shape))
        self.assertEqual((ours[0].dtype, ours[1].dtype), (theirs[0].dtype, theirs[1].dtype))
        # Which member of a pair at the cut is returned is nobody's promise.
        fold = np.abs if A.dtype.kind == "c" else (lambda w: w.real + 1j * np.abs(w.imag))
        if A.dtype.kind == "c":
            fold = np.asarray
        self.assertLess(distance(fold(ours[0]), fold(theirs[0])), limit)

    def test_table(self):
        for char, which, form, with_m in itertools.product(
                TYPES, ("LM", "LR", "SR", "LI"),
                (np.asarray, scipy.sparse.csr_matrix, peer.aslinearoperator), (False, True)):
            M = form(hermitian(24, char, 9, definite=True)) if with_m else None
            with self.subTest(char=char, which=which, form=form.__name__, M=with_m):
                self.compare(form(general(24, char, 8)), 5, 1000 * tolerance(char), which=which,
                             M=M)

    def test_refused_as_by_the_peer(self):
        A = general(30, "d")
        for arguments, error in ((dict(k=0), ValueError), (dict(which="LA"), ValueError),
                                 (dict(Minv=np.eye(30)), ValueError),
                                 (dict(OPinv=np.eye(30)), ValueError),
                                 (dict(OPpart="r"), ValueError), (dict(ncv=3, k=3), ValueError),
                                 (dict(sigma=1, OPpart="x"), ValueError),
                                 (dict(sigma=1, OPpart="i"), ValueError),
                                 (dict(sigma=1, Minv=np.eye(30)), ValueError)):
            with self.subTest(**arguments):
                self.assertRaises(error, speig.eigs, A, **arguments)
                self.assertRaises(error, peer.eigs, A, **arguments)

    def test_nearly_all(self):
        A = general(7, "d")
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", RuntimeWarning)
            np.testing.assert_array_equal(speig.eigs(A, 6)[0], scipy.linalg.eig(A)[0])
            self.assertRaises(TypeError, speig.eigs, scipy.sparse.csr_matrix(A), 6)


if __name__ == "__main__":
    unittest.main()
