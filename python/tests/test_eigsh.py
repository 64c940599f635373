"""speig.eigsh against LAPACK, and beside scipy.sparse.linalg.eigsh: sets, order, shapes, types,
errors."""

import itertools
import unittest
import warnings

import numpy as np

import speig
from matrices import TYPES, hermitian, pick, tolerance

try:
    import scipy.linalg
    import scipy.sparse
    import scipy.sparse.linalg as peer
except ImportError:
    peer = None

WHICH = ("LM", "SM", "LA", "SA", "BE")
needs_scipy = unittest.skipUnless(peer, "no SciPy")


def forms(A):
    """A in everything it may come as."""
    yield "C", np.ascontiguousarray(A)
    yield "F", np.asfortranarray(A)
    yield "list", A.tolist()
    if peer:
        for form in ("csr", "csc", "coo", "dia", "lil", "bsr"):
            yield form, scipy.sparse.csr_matrix(A).asformat(form)
        yield "operator", peer.aslinearoperator(A)
        yield "custom", peer.LinearOperator(A.shape, matvec=lambda x: A @ x, dtype=A.dtype)


class Intervals(unittest.TestCase):
    def test_all_within(self):
        for char in TYPES:
            A = hermitian(60, char)
            w = np.linalg.eigvalsh(A)
            low, high = (w[9] + w[10]) / 2, (w[30] + w[31]) / 2
            for backend in ("auto", "lanczos"):
                info = speig.Info()
                values, X = speig.eigsh(A, interval=(low, high), backend=backend, info=info)
                scale = max(1, np.abs(w).max()) * tolerance(char)
                np.testing.assert_allclose(values, w[10:31], atol=scale)
                self.assertLess(np.abs(A @ X - X * values).max(), scale)
                self.assertEqual(info.outcome, "certified")
                self.assertEqual(info.extra["proven"], (low, high))
            self.assertEqual(len(speig.eigsh(A, interval=(w[-1] + 1, np.inf),
                                             return_eigenvectors=False)), 0)

    def test_refusals(self):
        A = np.diag(np.arange(20.0))
        for more in ({"sigma": 1}, {"v0": np.ones(20)}, {"ncv": 9}, {"maxiter": 5}):
            with self.assertRaisesRegex(ValueError, "does not go with an interval"):
                speig.eigsh(A, interval=(0, 1), **more)
        for interval in ((1, 0), (np.nan, 1), "ab", (1,)):
            with self.assertRaises(ValueError):
                speig.eigsh(A, interval=interval)


class Standard(unittest.TestCase):
    def check(self, A, w, v, wanted, char, M=None):
        scale = max(1, np.abs(np.asarray(A)).max()) * tolerance(char)
        MV = v if M is None else M @ v
        np.testing.assert_allclose(w, wanted, atol=scale)
        self.assertLess(np.abs(A @ v - MV * w).max(), 10 * scale)
        np.testing.assert_allclose(v.conj().T @ MV, np.eye(len(w)), atol=10 * tolerance(char))
        self.assertEqual((v.dtype.char, w.dtype.char), (char, char.lower()))

    def test_types_and_which(self):
        for char, which, backend in itertools.product(TYPES, WHICH, ("auto", "lanczos", "lobpcg")):
            if which == "SM" and backend != "auto":
                continue
            with self.subTest(char=char, which=which, backend=backend):
                A = hermitian(60, char)
                w, v = speig.eigsh(A, 5, which=which, backend=backend)
                self.check(A, w, v, pick(np.linalg.eigvalsh(A), 5, which), char)

    def test_forms(self):
        A = hermitian(40, "d", seed=1)
        A[np.abs(A) < 0.8] = 0
        wanted = pick(np.linalg.eigvalsh(A), 3, "LA")
        for name, form in forms(A):
            with self.subTest(form=name):
                w, v = speig.eigsh(form, 3, which="LA")
                self.check(A, w, v, wanted, "d")

    def test_generalized(self):
        for char, which in itertools.product(TYPES, WHICH):
            A, M = hermitian(50, char, 2), hermitian(50, char, 3, definite=True)
            L = np.linalg.inv(np.linalg.cholesky(M.astype("D")))
            wanted = pick(np.linalg.eigvalsh(L @ A @ L.conj().T), 4, which)
            for name, form in forms(M) if which == "LA" else [("C", M)]:
                if char != "d" and name == "list":
                    continue  # a list says nothing of its precision
                with self.subTest(char=char, which=which, M=name):
                    self.check(A, *speig.eigsh(A, 4, M=form, which=which), wanted, char, M)

    def test_other_types_are_promoted(self):
        A = np.diag(np.arange(20))
        for char, result in (("i", "d"), ("l", "d"), ("?", "d"), ("e", "f"), ("g", "d")):
            B = A.astype(char)
            w, v = speig.eigsh(B, 2, which="LA")
            self.assertEqual(v.dtype.char, result)
            np.testing.assert_allclose(w, np.sort(np.diag(B.astype("d")))[-2:], rtol=1e-6)

    def test_values_of_a_csr_matrix_are_not_copied(self):
        if peer is None:
            self.skipTest("no SciPy")
        from speig import _operands
        from speig._run import Run
        for dtype in (np.int32, np.int64):
            A = scipy.sparse.random(50, 50, 0.1, format="csr", random_state=1)
            A = (A + A.T).tocsr()
            A.indptr = A.indptr.astype(dtype)
            with Run() as run:
                _operands.operator(run, "A", A, np.dtype("d"), 50)
                self.assertTrue(any(kept is A.data or kept.base is A.data or
                                    np.shares_memory(kept, A.data)
                                    for kept in run.kept if isinstance(kept, np.ndarray)))

    def test_multiple_eigenvalues(self):
        w = speig.eigsh(np.diag(np.repeat([3.0, 1.0, 2.0], [4, 30, 3])), 7,
                        return_eigenvectors=False)
        np.testing.assert_allclose(np.sort(w), [2, 2, 2, 3, 3, 3, 3], rtol=1e-14)

    def test_start_vectors(self):
        A = hermitian(400, "d", 5)
        e, V = np.linalg.eigh(A)
        info = speig.Info()
        speig.eigsh(A, 2, which="LA", v0=V[:, -2:], backend="lanczos", tol=1e-10, info=info)
        self.assertLess(info.matvecs, 10)
        np.testing.assert_allclose(speig.eigsh(A, 2, which="LA", v0=V[:, 0])[0], e[-2:])

    def test_preconditioner(self):
        A = np.diag(np.arange(1.0, 2001.0))
        info = speig.Info()
        w, _ = speig.eigsh(A, 3, which="SA", backend="lobpcg", precond=np.diag(1 / np.diag(A)),
                           info=info)
        np.testing.assert_allclose(w, [1, 2, 3], rtol=1e-10)
        self.assertFalse(info.extra["precond_dropped"])

    def test_info(self):
        A = hermitian(500, "d", 7)
        for which, vectors in itertools.product(WHICH, (True, False)):
            info = speig.Info()
            found = speig.eigsh(A, 4, which=which, return_eigenvectors=vectors, info=info)
            self.assertIn(info.outcome, ("certified", "validated"))
            self.assertEqual(info.residuals.shape, (4,))
            if vectors:
                w, v = found
                np.testing.assert_allclose(info.residuals, np.linalg.norm(A @ v - v * w, axis=0),
                                           atol=1e-11)


class Shifted(unittest.TestCase):
    """Sets of transformed values against LAPACK, in all modes."""

    def test_modes(self):
        sigma = 0.9
        transforms = {"normal": lambda w: 1 / (w - sigma),
                      "cayley": lambda w: (w + sigma) / (w - sigma),
                      "buckling": lambda w: w / (w - sigma)}
        for char, mode, which, with_m in itertools.product(TYPES, transforms, WHICH, (False, True)):
            A = hermitian(40, char, 2, definite=True)
            M = hermitian(40, char, 3, definite=mode != "buckling") if with_m else None
            e = np.linalg.eigvals(np.linalg.solve(M, A) if with_m else A).real
            with self.subTest(char=char, mode=mode, which=which, M=with_m):
                w, v = speig.eigsh(A, 3, M=M, sigma=sigma, which=which, mode=mode)
                scale = 100 * max(1, np.abs(w).max()) * tolerance(char)
                np.testing.assert_allclose(w, pick(e, 3, which, transforms[mode]), atol=scale)
                self.assertLess(np.abs(A @ v - (M @ v if with_m else v) * w).max(), scale)

    @needs_scipy
    def test_nearest_of_a_sparse_matrix(self):
        n = 3000
        A = scipy.sparse.diags([-1.0, 2.0, -1.0], [-1, 0, 1], (n, n))
        e = 2 - 2 * np.cos(np.pi * np.arange(1, n + 1) / (n + 1))
        info = speig.Info()
        for sigma, wanted in ((0, e[:4]), (1.0, np.sort(e[np.argsort(np.abs(e - 1))[:4]]))):
            for form in (A.tocsc(), peer.aslinearoperator(A)):
                w = speig.eigsh(form, 4, sigma=sigma, info=info, return_eigenvectors=False)
                np.testing.assert_allclose(np.sort(w), wanted, rtol=1e-9)
                self.assertGreaterEqual(info.extra["factorizations"], 1)

    @needs_scipy
    def test_inverses_of_the_callers(self):
        n = 2500
        A = scipy.sparse.diags([-1.0, 2.0, -1.0], [-1, 0, 1], (n, n)).tocsc()
        e = 2 - 2 * np.cos(np.pi * np.arange(1, n + 1) / (n + 1))
        inverse = peer.splu(A - 0.5 * scipy.sparse.identity(n, format="csc"))
        OPinv = peer.LinearOperator((n, n), matvec=inverse.solve, dtype=float)
        operator = peer.LinearOperator((n, n), matvec=lambda x: A @ x, dtype=float)
        wanted = np.sort(e[np.argsort(np.abs(e - 0.5))[:4]])
        for A_form in (A, operator):
            w, _ = speig.eigsh(A_form, 4, sigma=0.5, OPinv=OPinv)
            np.testing.assert_allclose(w, wanted, rtol=1e-10)
        mass = scipy.sparse.diags(np.linspace(1, 2, n)).tocsr()
        Minv = scipy.sparse.diags(1 / np.linspace(1, 2, n)).tocsr()
        w, v = speig.eigsh(operator, 2, M=mass, Minv=Minv, which="LA")
        np.testing.assert_allclose(A @ v, (mass @ v) * w, atol=1e-10)

    def test_complex_shifts_are_refused(self):
        with self.assertRaisesRegex(ValueError, "real number"):
            speig.eigsh(np.eye(20), 2, sigma=1j)


class Errors(unittest.TestCase):
    CASES = [
        (dict(k=0), ValueError), (dict(k=-1), ValueError), (dict(which="XX"), ValueError),
        (dict(which="LR"), ValueError), (dict(ncv=3, k=3), ValueError),
        (dict(maxiter=0), ValueError), (dict(Minv=np.eye(30)), ValueError),
        (dict(OPinv=np.eye(30)), ValueError), (dict(M=np.eye(29)), ValueError),
        (dict(sigma=1, Minv=np.eye(30)), ValueError), (dict(sigma=1, mode="other"), ValueError),
    ]

    def test_refused_as_by_the_peer(self):
        A = hermitian(30, "d")
        for arguments, error in self.CASES:
            with self.subTest(**arguments):
                self.assertRaises(error, speig.eigsh, A, **arguments)
                if peer:
                    self.assertRaises(error, peer.eigsh, A, **arguments)

    def test_bad_matrices(self):
        with self.assertRaisesRegex(ValueError, "square"):
            speig.eigsh(np.ones((3, 4)), 1)
        with self.assertRaisesRegex(ValueError, "not Hermitian"):
            speig.eigsh(np.triu(np.ones((20, 20))), 2)
        with self.assertRaisesRegex(RuntimeError, "NaN"):
            speig.eigsh(np.diag([1, 2, np.nan, 4]), 1)
        with self.assertRaisesRegex(RuntimeError, "positive definite"):
            speig.eigsh(np.eye(20), 2, M=np.diag(np.arange(-10.0, 10.0)))
        with self.assertRaises(ValueError):
            speig.eigsh(np.array([["a", "b"], ["c", "d"]]), 1)

    def test_all_eigenvalues(self):
        A = hermitian(6, "d")
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", RuntimeWarning)
            np.testing.assert_allclose(speig.eigsh(A, 9)[0], np.linalg.eigvalsh(A))
            if peer:
                self.assertRaises(TypeError, speig.eigsh, scipy.sparse.csr_matrix(A), 6)
                self.assertRaises(TypeError, speig.eigsh, peer.aslinearoperator(A), 6)
        with self.assertWarns(RuntimeWarning):
            speig.eigsh(A, 6)

    @needs_scipy
    def test_exception_classes_are_the_peers(self):
        self.assertIs(speig.ArpackNoConvergence, peer.ArpackNoConvergence)
        with self.assertRaises(peer.ArpackNoConvergence) as caught:
            speig.eigsh(hermitian(300, "d"), 4, which="SA", maxiter=1, ncv=6)
        self.assertEqual(len(caught.exception.eigenvalues), caught.exception.eigenvectors.shape[1])


@needs_scipy
class BesideThePeer(unittest.TestCase):
    """The same call on both: same set, order, shapes and types."""

    def compare(self, A, k, char, scale=1.0, **arguments):
        for vectors in (True, False):
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                ours = speig.eigsh(A, k, return_eigenvectors=vectors, **arguments)
                theirs = peer.eigsh(A, k, return_eigenvectors=vectors, **arguments)
            if vectors:
                self.assertEqual(ours[1].shape, theirs[1].shape)
                self.assertEqual(ours[1].dtype, theirs[1].dtype)
                ours, theirs = ours[0], theirs[0]
            self.assertEqual((ours.shape, ours.dtype), (theirs.shape, theirs.dtype))
            if char in "FD":
                ours, theirs = np.sort(ours), np.sort(theirs)  # the peer's order is not defined
            np.testing.assert_allclose(ours, theirs, atol=20 * scale * tolerance(char))

    def test_table(self):
        for char, which, form, with_m in itertools.product(
                TYPES, WHICH, (np.asarray, scipy.sparse.csr_matrix, peer.aslinearoperator),
                (False, True)):
            if char in "FD" and which == "BE":
                continue  # the peer has it for real matrices only
            M = form(hermitian(24, char, 9, definite=True)) if with_m else None
            with self.subTest(char=char, which=which, form=form.__name__, M=with_m):
                self.compare(form(hermitian(24, char, 8)), 5, char, which=which, M=M)

    def test_shifted_table(self):
        for char, mode, which, form, with_m in itertools.product(
                "dD", ("normal", "buckling", "cayley"), WHICH,
                (np.asarray, scipy.sparse.csr_matrix), (False, True)):
            if char == "D" and (which == "BE" or mode != "normal"):
                continue  # the peer has these for real matrices only
            M = form(hermitian(24, char, 9, definite=True)) if with_m else None
            with self.subTest(char=char, mode=mode, which=which, form=form.__name__, M=with_m):
                self.compare(form(hermitian(24, char, 8, definite=True)), 4, char, scale=50,
                             which=which, sigma=0.77, mode=mode, M=M)


if __name__ == "__main__":
    unittest.main()
