"""A table of arguments on real matrices of the shared folder, where it is there, against dense
LAPACK: parts of complex shifts, modes, singular M, precisions, constraints, smallest singular values.
The same calls on SciPy tell shapes and types; SciPy's values are no witness."""

import itertools
import unittest
import warnings

import numpy as np

import speig
from matrices import SHARED, distance, pick, shared_matrix

try:
    import scipy.linalg as lapack
    import scipy.sparse
    import scipy.sparse.linalg as peer
except ImportError:
    lapack = None

EIGS_WHICH = ("LM", "SM", "LR", "SR", "LI", "SI")


class Real(unittest.TestCase):
    def setUp(self):
        if lapack is None or not SHARED.is_dir():
            self.skipTest("no SciPy, or no shared matrices")
        catcher = warnings.catch_warnings()
        catcher.__enter__()
        self.addCleanup(catcher.__exit__, None, None, None)
        warnings.simplefilter("ignore")

    def load(self, *names):
        found = [shared_matrix(name) for name in names]
        if any(A is None for A in found):
            self.skipTest(f"{names} are not there")
        return found

    def same_form(self, ours, function, *arguments, **options):
        """Shapes and types are the peer's, where the peer finds an answer."""
        try:
            theirs = function(*arguments, **options)
        except peer.ArpackNoConvergence:
            return
        for x, y in zip(ours, theirs):
            self.assertEqual((x.shape, x.dtype), (y.shape, y.dtype))


class General(Real):
    """eigs near complex shifts of real and complex matrices, standard and generalized."""

    def wanted(self, e, k, which, transform):
        """What may be among k values, ties and the other half of a pair included, and the k + 1st
        rank."""
        t = transform(e)
        key = {"M": np.abs, "R": np.real, "I": lambda t: np.abs(t.imag)}[which[1]](t)
        key = -key if which[0] == "L" else key
        last = np.sort(key)[k]
        return e[key <= last + 1e-5 * abs(last)], key, last

    def check(self, A, M, e, sigma, part, which, k=3):
        real = A.dtype.kind == "f" and (M is None or M.dtype.kind == "f")
        if real and part:
            def transform(w):
                one, other = 1 / (w - sigma), 1 / (w - np.conj(sigma))
                return (one + other) / 2 if part == "r" else (one - other) / 2j
        else:
            def transform(w):
                return 1 / (w - sigma)
        allowed, key, last = self.wanted(e, k, which, transform)
        options = dict(M=M, sigma=sigma, which=which, OPpart=part)
        w, v = speig.eigs(A, k, **options)
        scale = np.abs(allowed).max()
        # Ill-conditioned eigenvalues are known to LAPACK to so many digits only.
        self.assertLess(distance(w, allowed), 1e-6 * scale)
        residual = np.linalg.norm(A @ v - (v if M is None else M @ v) * w, axis=0)
        size = abs(A).max() + (1 if M is None else abs(M).max()) * np.abs(w)
        self.assertLess((residual / size).max(), 1e-9)
        # What is clearly inside is there.
        gap = 1e-3 * abs(last)
        clearly = e[key < last - gap]
        if len(clearly) <= k:
            self.assertLess(distance(clearly, w), 1e-6 * scale)
        return (w, v), options

    def test_parts(self):
        for name in ("bfw62a", "lnsp_131", "ck656", "west0067", "rdb200_slepc"):
            (A,) = self.load(name)
            e = np.linalg.eigvals(A.toarray())
            middle = e[np.argsort(np.abs(e))[len(e) // 2]]
            sigma = complex(middle.real, abs(middle.imag)) + (0.03 + 0.05j) * np.abs(middle)
            for part, which in itertools.product((None, "r", "i"), ("LM", "LR", "LI")):
                if part is None and which != "LM":
                    continue  # the same as "r"
                with self.subTest(matrix=name, part=part, which=which):
                    ours, options = self.check(A, None, e, sigma, part or "r", which)
                    self.same_form(ours, peer.eigs, A.tocsc(), 3, **options)

    def test_complex_matrices(self):
        (A,) = self.load("bfw62a")
        A = (A + 0.1j * scipy.sparse.diags(np.arange(A.shape[0]) / A.shape[0]) * abs(A).max()).tocsr()
        e = np.linalg.eigvals(A.toarray())
        for which, sigma in itertools.product(("LM", "LR", "SR"), (0.3 * abs(e).max(), 1 + 2j)):
            with self.subTest(which=which, sigma=sigma):
                self.check(A, None, e, sigma, None, which)

    def test_pairs(self):
        for names, sigma in ((("bfw62a", "bfw62b"), 0.01), (("bfw62a", "bfw62b"), 0.01 + 0.02j),
                             (("piston_k", "piston_m"), 1e6), (("rail371_s", "rail371_m"), -0.01j)):
            A, M = self.load(*names)
            mu = lapack.eigvals(np.linalg.solve(A.toarray() - sigma * M.toarray(), M.toarray()))
            mu = mu[np.abs(mu) > 1e-9 * np.abs(mu).max()]  # the others are infinite, or as good as
            e = sigma + 1 / mu
            with self.subTest(pair=names, sigma=sigma):
                if np.imag(sigma):
                    w, v = speig.eigs(A.astype("D"), 3, M=M.astype("D"), sigma=sigma)
                    nearest = e[np.argsort(-np.abs(mu))[:4]]
                    self.assertLess(distance(w, nearest), 1e-6 * np.abs(nearest).max())
                self.check(A, M, e, sigma, "r" if np.imag(sigma) else None, "LM")

    def test_without_shift(self):
        for name, char in itertools.product(("bfw62a", "rdb200_slepc", "west0067"), "fdFD"):
            (A,) = self.load(name)
            A = A.astype(char)
            e = np.linalg.eigvals(A.toarray().astype("D" if char in "FD" else "d"))
            for which in EIGS_WHICH:
                if char in "FD" and which[1] == "I":
                    continue  # by signed imaginary parts there: test_eigs.py
                with self.subTest(matrix=name, char=char, which=which):
                    w, v = speig.eigs(A, 4, which=which)
                    allowed, _, _ = self.wanted(e, 4, which, lambda w: w)
                    scale = np.abs(e).max()
                    digits = 5e-3 if char in "fF" else 1e-6
                    self.assertLess(distance(w, np.r_[allowed, allowed.conj()]), digits * scale)
                    self.assertLess(np.linalg.norm(A @ v - v * w, axis=0).max(),
                                    scale * (1e-3 if char in "fF" else 1e-10))


class Hermitian(Real):
    def test_modes(self):
        for names in (("lund_a", "lund_b"), ("bcsstk01", None), ("utrecht_k", "utrecht_m")):
            K, *rest = self.load(*filter(None, names))
            M = rest[0] if rest else None
            if K.shape[0] > 1000:
                which_all, modes = ("LM", "SA"), ("cayley",)
            else:
                which_all, modes = ("LM", "SM", "LA", "SA", "BE"), ("normal", "buckling", "cayley")
            dense = K.toarray(), np.eye(K.shape[0]) if M is None else M.toarray()
            e = 1 / lapack.eigvalsh(dense[1], dense[0])  # K is the definite one of the two
            e.sort()
            sigma = np.sqrt(e[3] * e[4])
            maps = {"normal": lambda w: 1 / (w - sigma), "buckling": lambda w: w / (w - sigma),
                    "cayley": lambda w: (w + sigma) / (w - sigma)}
            for mode, which in itertools.product(modes, which_all):
                t = np.sort(np.abs(maps[mode](e)) if which in ("LM", "SM") else maps[mode](e))
                edge = {"LM": t[-5:-3], "SM": t[3:5], "LA": t[-5:-3], "SA": t[3:5],
                        "BE": np.r_[t[1:3]]}[which]
                if np.ptp(edge) < 1e-7 * np.abs(edge).max():
                    continue  # a tie: no one set is right
                with self.subTest(pair=names, mode=mode, which=which):
                    w, v = speig.eigsh(K, 4, M=M, sigma=sigma, mode=mode, which=which)
                    wanted = pick(e, 4, which, maps[mode])
                    np.testing.assert_allclose(w, wanted, rtol=1e-6)
                    inner = dense[0] if mode == "buckling" else dense[1]
                    np.testing.assert_allclose(v.T @ inner @ v, np.eye(4), atol=1e-7)
                    if K.shape[0] < 500 and which == "LM":
                        self.same_form((w, v), peer.eigsh, K.tocsc(), 4, M=M, sigma=sigma,
                                       mode=mode, which=which)

    def test_singular_masses(self):
        for names in (("bcsstk01", "bcsstm01"), ("shaft_k", "shaft_m"),
                      ("photonic1344_a", "photonic1344_m0")):
            K, M = self.load(*names)
            k_dense, m_dense = K.toarray(), M.toarray()
            c = abs(k_dense).max() / abs(m_dense).max()
            mu = lapack.eigvalsh(m_dense, k_dense + c * m_dense)
            e = np.sort(1 / mu[mu > 1e-10 * mu.max()] - c)
            at = 1 + int(np.argmax(np.diff(e[1:9]) / np.abs(e[1:8]).clip(1e-9 * abs(e[9]))))
            for which, sigma in itertools.product(("LM", "LA", "SA"), (0.6 * e[at] + 0.4 * e[at + 1],)):
                wanted = pick(e, 4, which, lambda w: 1 / (w - sigma))
                if which == "SA":
                    wanted = wanted[wanted < sigma]
                with self.subTest(pair=names, which=which):
                    w, v = speig.eigsh(K, len(wanted), M=M, sigma=sigma, which=which)
                    np.testing.assert_allclose(w, wanted, rtol=1e-6, atol=1e-9 * abs(e[:9]).max())
                    np.testing.assert_allclose(v.conj().T @ (M @ v), np.eye(len(w)), atol=1e-7)

    def test_precisions(self):
        for name, char, which in itertools.product(
                ("nos4", "bus_494", "si2k_h"), "fdFD", ("LM", "SM", "LA", "SA", "BE")):
            (A,) = self.load(name)
            if A.dtype.kind == "c" and char in "fd":
                continue
            A = A.astype(char)
            e = np.linalg.eigvalsh(A.toarray().astype("D"))
            scale = np.abs(e).max()
            with self.subTest(matrix=name, char=char, which=which):
                w, v = speig.eigsh(A, 4, which=which)
                digits = 2e-5 if char in "fF" else 1e-12
                np.testing.assert_allclose(w, pick(e, 4, which), atol=digits * scale)
                np.testing.assert_allclose(v.conj().T @ v, np.eye(4), atol=10 * digits)
                if char in "fd" and which != "SM":
                    self.same_form((w, v), peer.eigsh, A, 4, which=which, maxiter=200)

    def test_constraints(self):
        for names, largest in itertools.product(
                (("nos4", None), ("lund_a", "lund_b"), ("si2k_h", "si2k_s")), (False, True)):
            K, *rest = self.load(*filter(None, names))
            M = rest[0].toarray() if rest else np.eye(K.shape[0])
            e, V = lapack.eigh(K.toarray(), M)
            if largest:
                e, V = e[::-1], V[:, ::-1]
            X = np.random.default_rng(3).normal(size=(K.shape[0], 3)).astype(V.dtype)
            options = {}  # without a preconditioner a mass matrix near a singular one takes for ever
            if largest or e[0] > 0:
                options["M"] = np.linalg.inv(M if largest else K.toarray())
            with self.subTest(pair=names, largest=largest):
                w, v = speig.lobpcg(K, X, B=rest[0] if rest else None, Y=V[:, :2], largest=largest,
                                    maxiter=1000, **options)
                np.testing.assert_allclose(w, e[2:5], rtol=1e-5)
                self.assertLess(np.abs(V[:, :2].conj().T @ M @ v).max(), 1e-8)
                np.testing.assert_allclose(v.conj().T @ M @ v, np.eye(3), atol=1e-6)


class Rectangular(Real):
    def test_smallest_and_largest(self):
        for name, char, which, turned in itertools.product(
                ("illc1850", "west0067", "bfw62a"), "fdFD", ("LM", "SM"), (False, True)):
            (A,) = self.load(name)
            if A.shape[0] > 500:
                A = A[:300, :120]
            A = (A.T if turned else A).astype(char).tocsr()
            s = np.linalg.svd(A.toarray().astype("D"), compute_uv=False)
            for backend in ("auto", "golub-kahan"):
                if backend != "auto" and which == "SM":
                    continue
                with self.subTest(matrix=name, char=char, which=which, turned=turned,
                                  backend=backend):
                    u, found, vh = speig.svds(A, 3, which=which, backend=backend)
                    wanted = np.sort(s[:3] if which == "LM" else s[-3:])
                    digits = 5e-6 if char in "fF" else 1e-13
                    np.testing.assert_allclose(found, wanted, atol=10 * digits * s[0])
                    for residual in (A @ vh.conj().T - u * found,
                                     A.conj().T @ u - vh.conj().T * found):
                        self.assertLess(np.abs(residual).max(), 20 * digits * s[0])
                    for Q in (u, vh.conj().T):
                        np.testing.assert_allclose(Q.conj().T @ Q, np.eye(3), atol=100 * digits)
                    if which == "LM":
                        self.same_form((u, found, vh), peer.svds, A, 3)


if __name__ == "__main__":
    unittest.main()
