"""Real matrices of the shared folder, where it is there: eigsh, eigs and svds against LAPACK, in
several `which`, with and without a shift, and generalized pairs with singular M or K."""

import itertools
import unittest
import warnings

import numpy as np

import speig
from matrices import SHARED, distance, pick, shared_matrix

try:
    import scipy.io  # noqa: F401
    import scipy.linalg as lapack
except ImportError:
    lapack = None

HERMITIAN = ("bcsstk01", "bcsstk04", "bus_494", "bus_662", "can_24", "lund_a", "nos4", "g_dolphins",
             "karate", "si2k_h", "Journals", "USAir97", "rdb200_slepc", "moreno_taro")
GENERAL = ("arpack_testA", "bfw62a", "lnsp_131", "pyamg_recirc_flow", "rand_array_100", "west0067",
           "Zsprandsym163", "ck656", "fs_183_6", "mbeacxc")
PAIRS = (("lund_a", "lund_b"), ("rail371_s", "rail371_m"), ("si2k_h", "si2k_s"),
         ("bcsstk01", "bcsstm01"), ("shaft_k", "shaft_m"))


@unittest.skipUnless(lapack and SHARED.is_dir(), "no SciPy, or no shared matrices")
class Real(unittest.TestCase):
    def setUp(self):
        catcher = warnings.catch_warnings()
        catcher.__enter__()
        self.addCleanup(catcher.__exit__, None, None, None)
        warnings.simplefilter("ignore")  # integer matrices and the like

    def load(self, *names):
        found = [shared_matrix(name) for name in names]
        if any(A is None for A in found):
            self.skipTest(f"{names} are not there")
        return found

    def check_hermitian(self, A, M, w, v, wanted, scale, digits=1e-9):
        np.testing.assert_allclose(w, wanted, atol=digits * scale)
        length = np.linalg.norm(v, axis=0)
        residual = np.linalg.norm(A @ v - (v if M is None else M @ v) * w, axis=0) / length
        self.assertLess(residual.max(), 1e-9 * max(scale, abs(A).max()))

    def test_hermitian(self):
        for name in HERMITIAN:
            (A,) = self.load(name)
            e = np.linalg.eigvalsh(A.toarray())
            scale = np.abs(e).max()
            for which in ("LM", "SM", "LA", "SA", "BE"):
                with self.subTest(matrix=name, which=which):
                    info = speig.Info()
                    w, v = speig.eigsh(A, 5, which=which, info=info)
                    self.check_hermitian(A, None, w, v, pick(e, 5, which), scale)
                    self.assertIn(info.outcome, ("certified", "validated"))
            sigma = e[len(e) // 2] + 0.3 * (e[len(e) // 2 + 1] - e[len(e) // 2]) + 1e-7 * scale
            for which in ("LM", "LA", "SA"):
                with self.subTest(matrix=name, which=which, sigma=sigma):
                    w, v = speig.eigsh(A, 4, sigma=sigma, which=which)
                    self.check_hermitian(A, None, w, v, pick(e, 4, which, lambda t: 1 / (t - sigma)),
                                         scale)

    def test_pairs(self):
        for names in PAIRS:
            A, M = self.load(*names)
            # Finite eigenvalues by the pencil, since M may be singular: (A + c M)^-1 M.
            K, B = A.toarray(), M.toarray()
            c = abs(K).max() / abs(B).max()
            mu = lapack.eigvalsh(B, K + c * B)
            finite = mu[mu > 1e-11 * mu.max()]
            e = np.sort(1 / finite - c)
            sigma = -0.01 * abs(e).min() if abs(e).min() > 1e-9 * abs(e).max() else -1e-3 * c
            with self.subTest(pair=names):
                w, v = speig.eigsh(A, 4, M=M, sigma=sigma)
                wanted = pick(e, 4, "LM", lambda t: 1 / (t - sigma))
                self.check_hermitian(A, M, w, v, wanted, c, 1e-7)

    def test_general(self):
        for name in GENERAL:
            (A,) = self.load(name)
            e = np.linalg.eigvals(A.toarray())
            scale = np.abs(e).max()
            for which, sigma in itertools.product(("LM", "LR"), (None, 0.1 * scale)):
                with self.subTest(matrix=name, which=which, sigma=sigma):
                    info = speig.Info()
                    w, v = speig.eigs(A, 4, which=which, sigma=sigma, info=info)
                    t = e if sigma is None else 1 / (e - sigma)
                    key = np.abs(t) if which == "LM" else t.real
                    # The fifth is there for a pair at the cut, and whatever ties with it.
                    fifth = np.sort(key)[-5]
                    allowed = e[key >= fifth - 1e-6 * abs(fifth)]
                    self.assertLess(distance(w, allowed), 1e-5 * scale)
                    self.assertLess(info.relative_residuals.max(), 1e-10)

    def test_singular_values(self):
        for name in ("illc1850", "west0479", "lnsp_131", "bus_494"):
            (A,) = self.load(name)
            s = np.linalg.svd(A.toarray().astype(float), compute_uv=False)
            for which in ("LM", "SM"):
                with self.subTest(matrix=name, which=which):
                    u, found, vh = speig.svds(A, 4, which=which)
                    wanted = np.sort(s[:4] if which == "LM" else s[-4:])
                    np.testing.assert_allclose(found, wanted, atol=1e-10 * s[0])
                    self.assertLess(np.abs(A @ vh.conj().T - u * found).max(), 1e-10 * s[0])


if __name__ == "__main__":
    unittest.main()
