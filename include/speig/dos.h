/* dos.h: how the eigenvalues of a Hermitian operator are spread: its density of states, estimated
 * from products alone. */
#ifndef SPEIG_DOS_H
#define SPEIG_DOS_H

#include "speig/eigsh.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef struct speig_dos_opts {
  size_t size; /* sizeof(speig_dos_opts), set by the INIT macro */
  int32_t degree; /* of the polynomials, at most 100000; 0: 256. Details finer than about 3 / degree
                     of the width of the spectrum are smoothed out */
  int32_t vectors; /* random vectors over which is averaged; 0: chosen, more for small orders. The
                      error falls like 1 / sqrt(n vectors). Each takes degree / 2 products */
  int32_t points; /* energies at which the density is told; 0: 512 */
  speig_device device; /* AUTO: the host */
  double time_limit; /* seconds after which no more vectors are begun; 0: none */
  uint64_t seed; /* same seed, build and device: same bits, for any number of threads */
  int threads; /* 0: all cores */
  size_t memory; /* bytes the call may take; 0: no limit */
  int assume_hermitian; /* not 0: skip the check by value of a matrix not declared Hermitian */
  speig_progress_fn progress; /* method "dos", phase "moments", converged of wanted vectors done,
                                 values and residuals NULL; may stop as the time limit does, and
                                 before the first vectors are done with SPEIG_ERR_CALLBACK */
  void *progress_user;
} speig_dos_opts;
#define SPEIG_DOS_OPTS_INIT                                                                        \
  {                                                                                                \
    .size = sizeof(speig_dos_opts), .seed = 1                                                      \
  }
/* For languages without designated initialisers. */
SPEIG_API void speig_dos_opts_init(speig_dos_opts *opts);

/* Everything below is owned by the result; release it with speig_dos_result_free. */
typedef struct speig_dos_result {
  int64_t n;
  speig_dtype dtype;
  speig_device device;
  int32_t degree, vectors; /* in use; vectors: those finished */
  double low, high; /* the interval used, which holds the spectrum and a little more */
  double *moments; /* [degree + 1] estimates of trace(T_m(X)) / n, T_m Chebyshev's polynomials and X
                      = (2 A - high - low) / (high - low); not damped */
  int32_t points;
  double *energies; /* [points] ascending, the middles of equal parts of [low, high] */
  double *density; /* [points] eigenvalues per unit of energy, >= 0 but for rounding; smoothed by
                      Jackson's kernel, of standard deviation about pi (high - low) / (2 degree) */
  double *density_errors; /* [points] standard errors over the random vectors; NaN for a single one.
                             What the kernel smooths is not in them */
  double *below; /* [points] how many eigenvalues lie below the energy, smoothed likewise */
  double *below_errors; /* [points] */
  int64_t matvecs; /* counted by columns */
  double seconds;
  uint64_t seed;
} speig_dos_result;

/* The density of states of A by the kernel polynomial method: Chebyshev moments by a stochastic
 * trace, damped by Jackson's kernel (Weisse, Wellein, Alvermann, Fehske, Rev. Mod. Phys. 78 (2006);
 * Lin, Saad, Yang, SIAM Rev. 58 (2016)).
 * A: Hermitian of order n >= 1, any kind of operator. *result is set on SPEIG_OK only.
 * Errors: ARG (A not square or not Hermitian, options out of range), MEMORY, NUMERIC (NaN or Inf),
 * CALLBACK, DEVICE. */
SPEIG_API speig_status speig_dos(const speig_operator *A, const speig_dos_opts *opts,
                                 speig_dos_result **result);
SPEIG_API void speig_dos_result_free(speig_dos_result **result);

#ifdef __cplusplus
}
#endif
#endif
