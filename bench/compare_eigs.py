#!/usr/bin/env python3
"""Times speig beside SciPy's eigs, or eigsh, on the same files, in one run.

    python3 bench/compare_eigs.py build/speig [--hermitian] [-k K] [--which W] [--sigma S]
                                  [--limit SEC] A.mtx ...

SciPy has its defaults; the problem of reading is left aside; the faster of two solves counts. The
last columns: how far the two sets differ, relative to the largest value, and what speig says."""
import argparse

import numpy as np
import scipy.sparse.linalg

import peer


def scipy_eigs(path, o, queue):
    A = peer.read(path)
    call = scipy.sparse.linalg.eigsh if o.hermitian else scipy.sparse.linalg.eigs
    if o.sigma is not None:
        A = A.tocsc()
    try:
        seconds, (values, _) = peer.best_of_two(
            lambda: call(A, k=o.k, which=o.which, sigma=o.sigma))
        queue.put((seconds, values.tolist()))
    except Exception as error:  # what it says of itself is the result
        queue.put((np.inf, type(error).__name__))


def difference(ours, theirs):
    """The largest distance of a value of theirs from the nearest of ours, relative."""
    if not ours or not theirs:
        return np.nan
    ours, theirs = np.array(ours), np.array(theirs)
    return np.abs(theirs[:, None] - ours[None, :]).min(axis=1).max() / np.abs(theirs).max()


def compare(path, o):
    arguments = [o.speig, path, "-k", str(o.k), "--which", o.which]
    arguments += [] if o.hermitian else ["--general"]
    arguments += [] if o.sigma is None else ["--sigma", str(o.sigma)]
    seconds, result = peer.speig(arguments, o.limit)
    theirs = peer.limited(scipy_eigs, (path, o), o.limit) or (np.inf, f"over {o.limit:g} s")
    name = path.split("/")[-1]
    if seconds is None:
        print(f"{name:32} {result}", flush=True)
        return
    ours = [v if o.hermitian else complex(*v) for v in result["eigenvalues"]]
    failed = isinstance(theirs[1], str)
    differ = np.nan if failed else difference(ours, theirs[1])
    print(f"{name:32} {seconds:9.3f} {theirs[0]:9.3f} {theirs[0] / seconds:7.2f} {differ:9.1e}  "
          f"{result['method']}, {result['status']}{'; SciPy: ' + theirs[1] if failed else ''}",
          flush=True)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("speig")
    parser.add_argument("files", nargs="+")
    parser.add_argument("--hermitian", action="store_true", help="eigsh instead of eigs")
    parser.add_argument("-k", type=int, default=6)
    parser.add_argument("--which", default="LM")
    parser.add_argument("--sigma", type=float)
    parser.add_argument("--limit", type=float, default=60)
    o = parser.parse_args()
    print(f"{'matrix':32} {'speig s':>9} {'scipy s':>9} {'ratio':>7} {'differ by':>9}  speig says")
    for path in o.files:
        compare(path, o)


if __name__ == "__main__":
    main()
