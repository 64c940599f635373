#!/usr/bin/env python3
"""Whole solves and sparse products on the device beside CuPy's (cuSPARSE): same matrix, one run.

usage: compare_cupy.py SPEIG [--k K] [--tol T] [--which W] GENERATOR [name=value ...]
       compare_cupy.py build/speig laplacian3d nx=100

Prints seconds of each solve, the largest relative residual recomputed here on the device from the
vectors of both, and how many values agree with the exact spectrum where the generator knows one.
CuPy's tolerance is absolute; it is given tol times the norm, so that both aim at the same residual.
Its first solve (kernels are compiled then) is not counted, nor is speig's, which warms up the
driver. Needs NumPy, SciPy and CuPy.
"""
import argparse
import json
import os
import subprocess
import sys
import tempfile
import time

import cupy
import cupyx.scipy.sparse
import numpy as np
from cupyx.scipy.sparse.linalg import eigsh
from scipy.io import mmread


def worst_residual(A, values, vectors):
    values, vectors = cupy.asarray(values), cupy.asarray(vectors)
    R = A @ vectors - vectors * values
    return float(cupy.linalg.norm(R, axis=0).max() / abs(values).max())


def count_right(values, exact):
    values = np.sort(values)
    return int(np.sum(abs(values - exact[: len(values)]) <= 1e-8 * abs(exact).max()))


def wanted(program, generator, k, which):
    """The exact values, or None where the generator knows no formula."""
    out = subprocess.run([program, "generate", *generator, "--spectrum"], capture_output=True,
                         text=True)
    if out.returncode != 0:
        return None
    exact = np.array([float(x) for x in out.stdout.split()])
    order = np.argsort({"LA": -exact, "SA": exact, "LM": -abs(exact)}[which])
    return np.sort(exact[order[:k]])


def run_speig(args, path, folder):
    vectors = os.path.join(folder, "x.npy")
    command = [args.speig, path, "--device", "cuda", "-k", str(args.k), "--which", args.which,
               "--tol", str(args.tol), "--method", "lanczos", "--json", "--quiet", "--vectors",
               vectors]
    out = subprocess.run(command, capture_output=True, text=True)
    if not out.stdout:
        sys.exit(f"speig: {out.stderr.strip()}")
    result = json.loads(out.stdout)
    seconds = {part: result["seconds"][part] for part in ("setup", "solve", "certify")}
    return seconds, np.array(result["eigenvalues"]), np.load(vectors), result


def run_cupy(A, args, norm):
    start_vector = cupy.random.RandomState(1).standard_normal(A.shape[0])
    cupy.cuda.Device().synchronize()
    start = time.perf_counter()
    values, vectors = eigsh(A, k=args.k, which=args.which, tol=args.tol * norm, v0=start_vector)
    cupy.cuda.Device().synchronize()
    return time.perf_counter() - start, values, vectors


def product_seconds(A):
    x = cupy.ones(A.shape[1])
    for _ in range(5):
        A @ x
    cupy.cuda.Device().synchronize()
    start = time.perf_counter()
    for _ in range(100):
        A @ x
    cupy.cuda.Device().synchronize()
    return (time.perf_counter() - start) / 100


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("speig")
    parser.add_argument("--k", type=int, default=10)
    parser.add_argument("--tol", type=float, default=1e-8)
    parser.add_argument("--which", default="LA", choices=["LA", "SA", "LM"])
    parser.add_argument("generator", nargs="+")
    args = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "a.mtx")
        subprocess.run([args.speig, "generate", *args.generator, "-o", path], check=True)
        exact = wanted(args.speig, args.generator, args.k, args.which)
        A = cupyx.scipy.sparse.csr_matrix(mmread(path).tocsr().astype(np.float64))
        print(f"{' '.join(args.generator)}: n = {A.shape[0]}, nnz = {A.nnz}, k = {args.k}, "
              f"{args.which}, tol = {args.tol:g}")
        run_speig(args, path, folder)
        seconds, values, vectors, result = run_speig(args, path, folder)
        right = "" if exact is None else f"right {count_right(values, exact)}/{args.k}"
        ours = seconds["setup"] + seconds["solve"]
        print(f"  speig {ours:9.4f} s solve ({seconds['setup']:.4f} of it setup), "
              f"{seconds['certify']:.4f} s check of completeness, {result['matvecs']} products, "
              f"{result['status']}, residual {worst_residual(A, values, vectors):.1e} {right}")
        norm = abs(values).max()
        run_cupy(A, args, norm)
        theirs, values, vectors = run_cupy(A, args, norm)
        values = cupy.asnumpy(values)
        right = "" if exact is None else f"right {count_right(values, exact)}/{args.k}"
        print(f"  CuPy  {theirs:9.4f} s solve, residual {worst_residual(A, values, vectors):.1e} "
              f"{right}")
        print(f"  ratio {theirs / ours:9.2f} (with the check {theirs / (ours + seconds['certify']):.2f})")
        print(f"  CuPy's product: {product_seconds(A) * 1e6:.1f} us")


if __name__ == "__main__":
    sys.exit(main())
