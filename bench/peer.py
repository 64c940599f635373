"""What the comparisons with SciPy share: a solve of either in a process of its own, the faster of two
counts, and reading does not."""
import json
import multiprocessing
import subprocess
import time

import numpy as np
import scipy.io
import scipy.sparse


def read(path):
    """The matrix of a file as CSR, in double precision."""
    A = scipy.io.mmread(path)
    is_complex = np.iscomplexobj(A.data if scipy.sparse.issparse(A) else A)
    return scipy.sparse.csr_matrix(A).astype(complex if is_complex else float)


def best_of_two(call):
    """Seconds of the faster of two calls, and what the last one returned."""
    best = np.inf
    for _ in range(2):
        start = time.perf_counter()
        result = call()
        best = min(best, time.perf_counter() - start)
    return best, result


def limited(function, arguments, limit):
    """function(*arguments, queue) in a process; what it puts into the queue, or None after `limit`
    seconds."""
    queue = multiprocessing.Queue()
    process = multiprocessing.Process(target=function, args=arguments + (queue,))
    process.start()
    try:
        return queue.get(timeout=limit)
    except Exception:
        return None
    finally:
        process.terminate()
        process.join()


def speig(arguments, limit):
    """Seconds of the faster of two runs of the command and its result, or None and what it says."""
    best = None
    for _ in range(2):
        run = subprocess.run([*arguments, "--time-limit", str(limit), "--json"],
                             capture_output=True, text=True)
        if run.returncode not in (0, 3):
            return None, run.stderr.strip()
        r = json.loads(run.stdout)
        seconds = sum(r["seconds"][part] for part in ("setup", "solve", "certify"))
        if best is None or seconds < best[0]:
            best = (seconds, r)
    return best
