#!/usr/bin/env python3
"""Times speig svds beside SciPy's svds (ARPACK, its defaults) on the same files, in one run.

    python3 bench/compare_svds.py build/speig [-k K] [--which LM|SM] [--limit SEC] A.mtx ...

Both solve the problem of reading aside; the faster of two solves counts. SciPy iterates on the
squared matrix, so its residuals are computed here, both of them, relative to the norm."""
import argparse
import json
import multiprocessing
import subprocess
import time

import numpy as np
import scipy.io
import scipy.sparse
import scipy.sparse.linalg


def worst_residual(A, u, s, vh):
    right = np.linalg.norm(A @ vh.conj().T - u * s, axis=0)
    left = np.linalg.norm(A.conj().T @ u - vh.conj().T * s, axis=0)
    return max(right.max(), left.max())


def scipy_svds(path, k, which, queue):
    A = scipy.sparse.csr_matrix(scipy.io.mmread(path)).astype(complex if b"complex" in
                                                              open_head(path) else float)
    best = np.inf
    try:
        for _ in range(2):
            start = time.perf_counter()
            u, s, vh = scipy.sparse.linalg.svds(A, k=k, which=which)
            best = min(best, time.perf_counter() - start)
        queue.put((best, np.sort(s)[::-1].tolist(), worst_residual(A, u, s, vh)))
    except Exception as error:  # what it says of itself is the result
        queue.put((np.inf, [], type(error).__name__))


def open_head(path):
    import gzip
    with (gzip.open if path.endswith(".gz") else open)(path, "rb") as file:
        return file.readline()


def limited(function, arguments, limit):
    queue = multiprocessing.Queue()
    process = multiprocessing.Process(target=function, args=arguments + (queue,))
    process.start()
    try:
        result = queue.get(timeout=limit)
    except Exception:
        result = (np.inf, [], f"over {limit} s")
    process.terminate()
    process.join()
    return result


def speig_svds(speig, path, k, which, limit):
    best = None
    for _ in range(2):
        command = [speig, "svds", "-k", str(k), "--which", which, "--time-limit", str(limit),
                   "--json", path]
        run = subprocess.run(command, capture_output=True, text=True)
        if run.returncode not in (0, 3):
            return np.inf, [], run.stderr.strip()
        r = json.loads(run.stdout)
        seconds = sum(r["seconds"][part] for part in ("setup", "solve", "certify"))
        if best is None or seconds < best[0]:
            worst = max(r["residuals"] + r["adjoint_residuals"], default=np.inf)
            best = (seconds, r["singular_values"], worst, f"{r['method']}, {r['status']}",
                    r["norm"])
    return best


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
        ours = speig_svds(o.speig, path, o.k, o.which, o.limit)
        theirs = limited(scipy_svds, (path, o.k, o.which), o.limit)
        norm = ours[4] if len(ours) > 4 and ours[4] > 0 else 1
        differ = np.nan
        if ours[1] and len(ours[1]) == len(theirs[1]):
            differ = np.abs(np.sort(ours[1])[::-1] - theirs[1]).max() / norm
        rest = theirs[2] if isinstance(theirs[2], str) else f"{theirs[2] / norm:.1e}"
        own = ours[2] if isinstance(ours[2], str) else f"{ours[2] / norm:.1e}"
        print(f"{path.split('/')[-1]:24} {ours[0]:9.3f} {theirs[0]:9.3f} "
              f"{theirs[0] / ours[0]:7.2f} {own:>9} {rest:>9} {differ:9.1e}  "
              f"{ours[3] if len(ours) > 3 else ''}", flush=True)


if __name__ == "__main__":
    main()
