#!/usr/bin/env python3
"""Whole solves beside SciPy (ARPACK), SLEPc and PRIMME: same matrix, same pairs, one run.

usage: compare_peers.py SPEIG [--k K] [--tol T] [--limit SECONDS] [--without PEER] [CASE ...]
       compare_peers.py build/speig "LA laplacian3d nx=98 ny=99 nz=101" "LA rmat scale=20 degree=5"

A case is `which` and what `speig generate` makes; without one, the list below. Every solver runs in
a process of its own, one after the other, on all cores, and ARPACK and SLEPc twice, with the basis
they choose and with 4k columns: the faster counts. Reading the matrix does not count; speig's seconds
hold setup, solve and the search for missed copies. `right`: how many of the k values agree with the
exact spectrum, or where that is not known with the best values that anybody found and whose
residuals hold. Residuals are computed here from the vectors, relative to the norm. Peers that are not
installed are left out (Debian: python3-scipy, python3-slepc4py; PyPI: primme).
"""
import argparse
import glob
import json
import multiprocessing
import os
import resource
import subprocess
import sys
import tempfile
import time

import numpy as np

CASES = [
    "LA laplacian3d nx=98 ny=99 nz=101",
    "SA laplacian3d nx=98 ny=99 nz=101",
    "LA laplacian3d nx=100",
    "LA rmat scale=20 degree=5 adjacency=1",
    "SA anderson nx=100 w=2",
    "SA heisenberg sites=20",
    "LA barabasi_albert n=1000000",
]


def read(path):
    from scipy.io import mmread
    return mmread(path).tocsr().astype(float)


def scipy_solve(A, which, k, tol, ncv):
    from scipy.sparse.linalg import ArpackNoConvergence, LinearOperator, eigsh
    count = [0]

    def matvec(x):
        count[0] += 1
        return A @ x

    try:
        w, X = eigsh(LinearOperator(A.shape, matvec, dtype=float), k=k, which=which, tol=tol, ncv=ncv)
    except ArpackNoConvergence as error:
        w, X = error.eigenvalues, error.eigenvectors
    return w, X, count[0]


def slepc_solve(A, which, k, tol, ncv):
    sys.path += glob.glob("/usr/lib/slepcdir/*/*/lib/python3/dist-packages")
    sys.path += glob.glob("/usr/lib/petscdir/*/*/lib/python3/dist-packages")
    import slepc4py
    slepc4py.init([])
    from petsc4py import PETSc
    from slepc4py import SLEPc
    M = PETSc.Mat().createAIJ(A.shape, csr=(A.indptr.astype(np.int32), A.indices, A.data))
    M.setOption(PETSc.Mat.Option.SYMMETRIC, True)
    eps = SLEPc.EPS().create()
    eps.setOperators(M)
    eps.setProblemType(SLEPc.EPS.ProblemType.HEP)
    eps.setDimensions(k, ncv or PETSc.DECIDE)
    eps.setWhichEigenpairs({"LA": SLEPc.EPS.Which.LARGEST_REAL, "SA": SLEPc.EPS.Which.SMALLEST_REAL,
                            "LM": SLEPc.EPS.Which.LARGEST_MAGNITUDE}[which])
    eps.setConvergenceTest(SLEPc.EPS.Conv.NORM)
    eps.setTolerances(tol, 1000000)
    eps.solve()
    found = min(k, eps.getConverged())
    X = np.empty((A.shape[0], found))
    w = np.empty(found)
    x = M.createVecRight()
    for j in range(found):
        w[j] = eps.getEigenpair(j, x).real
        X[:, j] = x.getArray()
    return w, X, 0


def primme_solve(A, which, k, tol, _):
    import primme
    w, X, stats = primme.eigsh(A, k=k, which=which, tol=tol, return_stats=True)
    return w, X, stats["numMatvecs"]


PEERS = {"SciPy": (scipy_solve, (None, "4k")), "SLEPc": (slepc_solve, (None, "4k")),
         "PRIMME": (primme_solve, (None,))}


def worst_residual(A, w, X):
    norm = abs(A).sum(axis=1).max()  # at least ||A||, and no peer's estimate
    return max((np.linalg.norm(A @ X[:, j] - w[j] * X[:, j]) / norm for j in range(len(w))),
               default=np.nan)


def in_child(queue, name, path, which, k, tol):
    function, settings = PEERS[name]
    A = read(path)
    best = None
    try:
        for setting in settings:
            start = time.perf_counter()
            w, X, products = function(A, which, k, tol, 4 * k if setting == "4k" else None)
            seconds = time.perf_counter() - start
            if best is None or seconds < best[0]:
                best = seconds, np.sort(w), products, worst_residual(A, w, X)
    except ImportError:
        queue.put(None)
        return
    queue.put((*best, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024))


def peer(name, path, which, k, tol, limit):
    queue = multiprocessing.Queue()
    process = multiprocessing.Process(target=in_child, args=(queue, name, path, which, k, tol))
    process.start()
    try:
        return queue.get(timeout=limit)
    except Exception:
        return "slow"
    finally:
        process.terminate()
        process.join()


def speig(program, path, which, k, tol, folder):
    best = None
    vectors = os.path.join(folder, "x.npy")
    for _ in range(2):
        run = subprocess.Popen([program, path, "-k", str(k), "--which", which, "--tol", str(tol),
                                "--json", "--quiet", "--vectors", vectors], stdout=subprocess.PIPE)
        r = json.loads(run.stdout.read())
        memory = os.wait4(run.pid, 0)[2].ru_maxrss / 1024
        seconds = sum(r["seconds"][part] for part in ("setup", "solve", "certify"))
        if best is None or seconds < best[0]:
            best = seconds, np.sort(r["eigenvalues"]), r["matvecs"]
    residual = worst_residual(read(path), np.array(r["eigenvalues"]), np.load(vectors))
    return (*best, residual, memory), r["status"]


def wanted(values, which, k):
    values = np.asarray(values)
    order = {"LA": -values, "SA": values, "LM": -abs(values)}[which].argsort()
    return np.sort(values[order[:k]])


def best_of_all(answers, which, k):
    """For want of an exact spectrum: the set that ranks first among those with honest residuals."""
    sets = [a[1] for a in answers if len(a[1]) == k and a[3] < 1e-6]
    key = {"LA": lambda w: w.sum(), "SA": lambda w: -w.sum(), "LM": lambda w: abs(w).sum()}[which]
    return max(sets, key=key)


def count_right(values, exact, scale):
    """Each exact value takes one of those found that agrees with it."""
    left = list(values)
    for value in exact:
        near = min(left, key=lambda x: abs(x - value), default=np.inf)
        if abs(near - value) <= 1e-6 * scale:
            left.remove(near)
    return len(values) - len(left)


def report(case, args, folder):
    which, *generator = case.split()
    path = os.path.join(folder, "a.mtx")
    subprocess.run([args.speig, "generate", *generator, "-o", path], check=True)
    spectrum = subprocess.run([args.speig, "generate", *generator, "--spectrum"], capture_output=True,
                              text=True)
    ours, status = speig(args.speig, path, which, args.k, args.tol, folder)
    answers = {"speig": ours}
    for name in PEERS:
        found = None if name in args.without else peer(name, path, which, args.k, args.tol, args.limit)
        if found == "slow":
            print(f"{case}: {name} not done in {args.limit} s", flush=True)
        elif found is not None:
            answers[name] = found
    exact = (wanted([float(x) for x in spectrum.stdout.split()], which, args.k)
             if spectrum.returncode == 0 else best_of_all(answers.values(), which, args.k))
    scale = abs(exact).max()
    print(f"\n{case}: k = {args.k}, tol = {args.tol:g}; speig says {status}")
    print(f"  {'':8}{'seconds':>9}{'ratio':>8}{'products':>10}{'residual':>10}{'right':>7}{'MB':>8}")
    ratios = {}
    for name, (seconds, values, products, residual, memory) in answers.items():
        right = count_right(values, exact, scale)
        ratios[name] = seconds / ours[0]
        print(f"  {name:8}{seconds:9.2f}{ratios[name]:8.1f}{products or '':>10}{residual:10.0e}"
              f"{right:>4}/{args.k}{memory:8.0f}", flush=True)
    return ratios


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("speig")
    parser.add_argument("--k", type=int, default=10)
    parser.add_argument("--tol", type=float, default=1e-8)
    parser.add_argument("--limit", type=float, default=900)
    parser.add_argument("--without", action="append", default=[])
    parser.add_argument("case", nargs="*")
    args = parser.parse_intermixed_args()
    all_ratios = []
    with tempfile.TemporaryDirectory() as folder:
        for case in args.case or CASES:
            all_ratios.append(report(case, args, folder))
    for name in PEERS:
        known = [r[name] for r in all_ratios if name in r]
        if known:
            print(f"\n{name}: geometric mean {np.exp(np.mean(np.log(known))):.1f}, least "
                  f"{min(known):.1f}, of {len(known)} cases")


if __name__ == "__main__":
    main()
