/* fail_kit.h: for tests in which every allocation of a call fails once. A call takes inputs that
 * are at hand, does one thing, puts what came out of it into a digest, and releases it. */
#ifndef SPEIG_TESTS_FAIL_KIT_H
#define SPEIG_TESTS_FAIL_KIT_H

#include "harness.h"

#include "speig/speig.h"

typedef struct fail_call {
  const char *name;
  speig_status (*run)(void *inputs, uint64_t *digest);
} fail_call;

/* Leaves through `done:` with a status; the allocation counter is running, so nothing else is
 * asked. */
#define FAIL_STEP(call)                                                                            \
  do {                                                                                             \
    if ((st = (call)) != SPEIG_OK)                                                                 \
      goto done;                                                                                   \
  } while (0)

/* Mixes bytes into a digest. */
void fail_mix(uint64_t *digest, const void *bytes, size_t size);
void fail_mix_block(uint64_t *digest, const speig_block *X);
void fail_mix_matrix(uint64_t *digest, const speig_matrix *A);
/* What calls that make a matrix have in common: on success A goes into the digest, on failure there
 * is none. Releases it; returns st. */
speig_status fail_keep_matrix(speig_status st, speig_matrix **A, uint64_t *digest);
/* Everything a result promises: pairs with their residuals. */
void fail_mix_eigsh(uint64_t *digest, const speig_eigsh_result *r);
void fail_mix_eigs(uint64_t *digest, const speig_eigs_result *r);
void fail_mix_svds(uint64_t *digest, const speig_svds_result *r);

typedef struct fail_tally {
  int64_t calls, failures,
      absorbed; /* allocations that failed; those that a call could do without */
} fail_tally;

/* Runs a call undisturbed, and then with its 1st, 2nd, ... allocation failing: once, and with all
 * that follow. Each time it returns MEMORY, or, where it can do without, what it would have
 * returned; nothing stays allocated, and the inputs, whose digest `look` makes, are as they were.
 * In the end it works as before. Some of many allocations only, unless SPEIG_TEST_LONG is set. */
void fail_sweep(const fail_call *call, void *inputs, uint64_t (*look)(const void *inputs),
                fail_tally *tally);
/* Prints how many failed; wants some to have. */
void fail_tell(const fail_tally *tally);

#endif
