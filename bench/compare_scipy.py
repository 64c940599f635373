#!/usr/bin/env python3
"""Whole solves beside SciPy's eigsh (ARPACK): same matrix, same number of pairs, one run.

usage: compare_scipy.py SPEIG [--k K] [--tol T] [--which W] GENERATOR [name=value ...]
       compare_scipy.py build/speig --which LA laplacian3d nx=98 ny=99 nz=101

Prints seconds of each for reading the file (to CSR) and for solving (setup, solve and check of
completeness for speig), the largest relative residual recomputed here from the vectors, and how many values agree with
the exact spectrum where the generator knows one. Needs NumPy and SciPy.
"""
import argparse
import json
import os
import subprocess
import sys
import tempfile
import time

import numpy as np
from scipy.io import mmread
from scipy.sparse.linalg import ArpackNoConvergence, eigsh


def wanted(exact, k, which):
    order = {"LA": np.argsort(-exact), "SA": np.argsort(exact), "LM": np.argsort(-abs(exact))}[which]
    return np.sort(exact[order[:k]])


def worst_residual(A, values, vectors):
    norm = abs(values).max()
    R = A @ vectors - vectors * values
    return max(np.linalg.norm(R, axis=0) / norm) if len(values) else float("nan")


def count_right(values, exact, scale):
    return int(np.sum(abs(np.sort(values) - exact[: len(values)]) <= 1e-8 * scale)) if exact is not None else -1


def run_speig(program, path, args, folder):
    vectors = os.path.join(folder, "x.npy")
    out = subprocess.run(
        [program, path, "-k", str(args.k), "--which", args.which, "--tol", str(args.tol), "--json",
         "--quiet", "--vectors", vectors], capture_output=True, text=True)
    result = json.loads(out.stdout)
    seconds = sum(result["seconds"][part] for part in ("setup", "solve", "certify"))
    return seconds, np.array(result["eigenvalues"]), np.load(vectors), result


def run_scipy(A, args):
    start = time.perf_counter()
    try:
        values, vectors = eigsh(A, k=args.k, which=args.which, tol=args.tol)
    except ArpackNoConvergence as error:
        values, vectors = error.eigenvalues, error.eigenvectors
    return time.perf_counter() - start, values, vectors


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("speig")
    parser.add_argument("--k", type=int, default=10)
    parser.add_argument("--tol", type=float, default=1e-8)
    parser.add_argument("--which", default="LA", choices=["LA", "SA", "LM"])
    parser.add_argument("--skip-scipy", action="store_true")
    parser.add_argument("generator", nargs="+")
    args = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "a.mtx")
        subprocess.run([args.speig, "generate", *args.generator, "-o", path], check=True)
        spectrum = subprocess.run([args.speig, "generate", *args.generator, "--spectrum"],
                                  capture_output=True, text=True)
        exact = None
        if spectrum.returncode == 0:
            exact = wanted(np.array([float(x) for x in spectrum.stdout.split()]), args.k, args.which)
        start = time.perf_counter()
        A = mmread(path).tocsr()
        reading = time.perf_counter() - start
        print(f"{' '.join(args.generator)}: n = {A.shape[0]}, nnz = {A.nnz}, k = {args.k}, "
              f"{args.which}, tol = {args.tol:g}, {os.cpu_count()} cores")
        seconds, values, vectors, result = run_speig(args.speig, path, args, folder)
        scale = abs(values).max()
        print(f"  speig {seconds:9.2f} s  {result['matvecs']:6d} products  {result['status']:10s} "
              f"residual {worst_residual(A, values, vectors):.1e}  right {count_right(values, exact, scale)}/{args.k}")
        if args.skip_scipy:
            return
        print(f"  reading {os.path.getsize(path) / 1e6:.0f} MB: speig {result['seconds']['read']:.2f} s, "
              f"SciPy {reading:.2f} s, ratio {reading / result['seconds']['read']:.1f}")
        theirs, values, vectors = run_scipy(A, args)
        print(f"  SciPy {theirs:9.2f} s  {'':6s}           {len(values)} pairs   "
              f"residual {worst_residual(A, values, vectors):.1e}  right {count_right(values, exact, scale)}/{args.k}")
        print(f"  ratio {theirs / seconds:9.1f}")


if __name__ == "__main__":
    sys.exit(main())
