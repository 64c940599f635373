/* blocks.h: test blocks: any scalar type, any leading dimension, NaN in the padding, with copies of
 * the same storage on the devices under test. Host memory is never handed to a backend.          */
#ifndef SPEIG_TESTS_BLOCKS_H
#define SPEIG_TESTS_BLOCKS_H

#include "backend/backend.h"
#include "speig/block.h"

typedef struct test_block {
  speig_dtype dtype;
  int64_t n, ld;
  int32_t p;
  void *data; /* host: ld * p scalars and one column of NaN behind them */
  multivec copy[2]; /* on devices, each all ld * (p + 1) scalars as one column */
} test_block;

/* Random entries in (-1, 1), everything else NaN. */
test_block block_random(speig_dtype dtype, int64_t n, int32_t p, int64_t ld, uint64_t seed);
/* The same entries in other storage. */
test_block block_copy(const test_block *B, int64_t ld);
/* All NaN. */
test_block block_nan(speig_dtype dtype, int64_t n, int32_t p, int64_t ld);
/* Before its backends are closed. */
void block_drop(test_block *B);

/* Entry (i, j); part 0 real, 1 imaginary (0 for real types). */
double block_get(const test_block *B, int64_t i, int64_t j, int part);
void block_set(test_block *B, int64_t i, int64_t j, double re, double im);

/* A copy on the backend's device with the same leading dimension and padding, which lives as long
 * as B; for at most two backends. */
multivec block_put(backend *be, test_block *B);
/* B = its device copy, of which there is one, padding included: where kernels wrote beside the
 * block, this shows. */
void block_fetch(test_block *B);
/* The device copies = B. */
void block_send(test_block *B);

/* The same by way of the public functions: all of B's storage in the context's memory, and the
 * block in it. */
typedef struct placed {
  speig_block storage, block;
} placed;
placed placed_make(speig_context *ctx, const test_block *B);
void placed_fetch(speig_context *ctx, const placed *there, test_block *B);
void placed_drop(speig_context *ctx, placed *there);

/* max |a_ij - b_ij|; NaN when any entry of either is NaN. */
double block_distance(const test_block *A, const test_block *B);
/* Whether all entries outside of the n x p are still NaN. */
int block_padding_intact(const test_block *B);
/* Whether all entries are the same bits. */
int block_same_bits(const test_block *A, const test_block *B);

/* A small matrix with random entries, or NaN for seed 0, with NaN below its rows. */
small small_random(int32_t rows, int32_t cols, int32_t ld, int is_complex, uint64_t seed);
void small_drop(small *M);
double small_distance(const small *A, const small *B);

/* ---- sparse matrices ---- */

/* Few entries here and there and every fifth row empty; none; one full row; mostly 2, seldom 150; a
 * mesh with lines of 37 points and equal entries; with a random diagonal, real or not; a mesh with
 * stretches of scattered rows; scattered with equal entries, and with more on the diagonal. */
typedef enum pattern {
  SCATTERED,
  EMPTY,
  ONE_DENSE_ROW,
  LONG_ROWS,
  MESH,
  MESH_POTENTIAL,
  MESH_COMPLEX_POTENTIAL,
  MESH_IN_PARTS,
  EQUAL,
  EQUAL_BESIDE_DIAGONAL,
  PATTERNS
} pattern;

/* Columns ascending; random entries but for those of a mesh. */
speig_matrix *matrix_random(speig_dtype dtype, pattern kind, int64_t rows, int64_t cols);

#endif
