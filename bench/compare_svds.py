#!/usr/bin/env python3
"""Times speig svds beside SciPy's svds (ARPACK, its defaults) on the same files, in one run.

    python3 bench/compare_svds.py build/speig [-k K] [--which LM|SM] [--limit SEC] A.mtx ...

Both solve the problem of reading aside; the faster of two solves counts. SciPy iterates on the
squared matrix, so its residuals are computed here, both of them, relative to the norm."""
import argparse

import numpy as np
import scipy.sparse.linalg

import peer


def worst_residual(A, u, s, vh):
    right = np.linalg.norm(A @ vh.conj().T - u * s, axis=0)
    left = np.linalg.norm(A.conj().T @ u - vh.conj().T * s, axis=0)
    return max(right.max(), left.max())


def scipy_svds(path, k, which, queue):
    A = peer.read(path)
    try:
        seconds, (u, s, vh) = peer.best_of_two(
            lambda: scipy.sparse.linalg.svds(A, k=k, which=which))
        queue.put((seconds, np.sort(s)[::-1].tolist(), worst_residual(A, u, s, vh)))
    except Exception as error:  # what it says of itself is the result
        queue.put((np.inf, [], type(error).__name__))


def compare(path, o):
    name = path.split("/")[-1]
    seconds, r = peer.speig([o.speig, "svds", "-k", str(o.k), "--which", o.which, path], o.limit)
    if seconds is None:
        print(f"{name:24} {r}", flush=True)
        return
    theirs = (peer.limited(scipy_svds, (path, o.k, o.which), o.limit) or
              (np.inf, [], f"over {o.limit:g} s"))
    norm = r["norm"] or 1
    worst = max(r["residuals"] + r["adjoint_residuals"], default=np.inf)
    differ = np.nan
    if theirs[1] and len(r["singular_values"]) == len(theirs[1]):
        differ = np.abs(np.sort(r["singular_values"])[::-1] - theirs[1]).max() / norm
    rest = theirs[2] if isinstance(theirs[2], str) else f"{theirs[2] / norm:.1e}"
    print(f"{name:24} {seconds:9.3f} {theirs[0]:9.3f} {theirs[0] / seconds:7.2f} "
          f"{worst / norm:9.1e} {rest:>9} {differ:9.1e}  {r['method']}, {r['status']}", flush=True)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("speig")
    parser.add_argument("files", nargs="+")
    parser.add_argument("-k", type=int, default=6)
    parser.add_argument("--which", default="LM")
    parser.add_argument("--limit", type=float, default=60)
    o = parser.parse_args()
    print(f"{'matrix':24} {'speig s':>9} {'scipy s':>9} {'ratio':>7} {'residuals':>19} "
          f"{'differ by':>9}  speig says")
    for path in o.files:
        compare(path, o)


if __name__ == "__main__":
    main()
