/* generate.h: model problems with known or well studied spectra. */
#ifndef SPEIG_GENERATE_H
#define SPEIG_GENERATE_H

#include "speig/matrix.h"

#ifdef __cplusplus
extern "C" {
#endif

/* One parameter of a generator: its name, meaning, default and range. */
typedef struct speig_generator_param {
  const char *name, *help;
  double value; /* default */
  double min, max; /* values accepted, both included */
  int whole; /* not 0: whole numbers only */
} speig_generator_param;

typedef struct speig_generator {
  const char *name; /* "laplacian3d" */
  const char *help; /* one line: what it is, the formula of its spectrum where there is one */
  const speig_generator_param *params; /* ends with name NULL */
  const struct speig_generator_rules *rules; /* the library's own */
} speig_generator;

/* All generators; ends with name NULL. */
SPEIG_API const speig_generator *speig_generators(void);

/* Makes the matrix `name` with parameters given as names[i] = values[i] (count of them; the others
 * take their defaults). Random ones are determined by seed. Errors: ARG (unknown name or parameter,
 * value out of range; the message lists what exists), MEMORY.                                   */
SPEIG_API speig_status speig_generate(const char *name, int32_t count, const char *const *names,
                                      const double *values, uint64_t seed, speig_matrix **out);

/* The exact eigenvalues, ascending, of generators that know them: eigenvalues[n] for the order n of
 * the matrix. UNSUPPORTED for those that do not, ARG as above.                                  */
SPEIG_API speig_status speig_generate_spectrum(const char *name, int32_t count,
                                               const char *const *names, const double *values,
                                               double *eigenvalues);

#ifdef __cplusplus
}
#endif
#endif
