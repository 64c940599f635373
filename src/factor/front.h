/* front.h: the kernels of supernodal factors: one table for each scalar type and instruction set.
 *
 * A supernode is a dense trapezoid of rows x columns numbers by columns, its own columns first. */
#ifndef SPEIG_SRC_FACTOR_FRONT_H
#define SPEIG_SRC_FACTOR_FRONT_H

#include "factor/tree.h"

enum { FRONT_WIDEST = 8 }; /* columns of a panel of right-hand sides, at most */

/* Factors, as the kernels see them. */
typedef struct front_factors {
  tree T;
  void *values; /* trapezoids one after the other */
  void *inverse; /* [n] of the real type: 1 / L(j, j) */
  int8_t *sign; /* [n] of the pivots */
  /* A general matrix (of a real type) is L S U. U^T has the structure of L, and follows it in each
   * supernode: two halves of trapezoids, and of Schur complements. */
  int halves;
  int down_half, up_half; /* that the sweeps read: 0, 1 solve with A, 1, 0 with A^T */
} front_factors;

typedef struct front_kernels {
  int widest; /* width of the panels worth having: 1, 2, 4 or 8 */
  /* Assembles supernode s from the entries a of the matrix and its children's Schur complements,
   * eliminates its columns, and leaves its own complement. Large ones are shared by the threads.
   * Returns the column of a pivot that is zero or not finite, or -1. */
  int32_t (*factor)(const front_factors *F, int32_t s, const void *a, void *const *arena,
                    int threads);
  /* Panels are by rows, `width` scalars each: 1, 2, 4 or 8. L y = b for supernodes from ... to - 1;
   * what comes to rows from `top` on goes to U instead, which begins with that row. work: as many
   * rows as the tallest supernode has. */
  void (*down)(const front_factors *F, int32_t from, int32_t to, int width, void *W, int32_t top,
               void *U, void *work);
  /* L^H x = S y, or U x = S y */
  void (*up)(const front_factors *F, int32_t from, int32_t to, int width, void *W, void *work);
  /* Rows from ... to - 1 of a panel from columns of X in the order of the matrix, or back to them;
   * columns from p on are zero. */
  void (*gather)(const front_factors *F, int32_t from, int32_t to, int width, int p, int64_t ld,
                 const void *X, void *W);
  void (*scatter)(const front_factors *F, int32_t from, int32_t to, int width, int p, int64_t ld,
                  const void *W, void *X);
  /* W += U, `count` scalars. */
  void (*add)(int64_t count, const void *U, void *W);
  /* What the columns j of supernode s add to the size of row r of |L| |U|: |L(r, j)| times the sum
   * of row j of |U|; for L^H, |L(r, j)|^2 alone. */
  void (*row_sums)(const front_factors *F, int32_t s, double *sums);
} front_kernels;

/* For a processor of that level (base/cpu.h). */
const front_kernels *front_choose(speig_dtype dtype, int level);

extern const front_kernels front_kernels_v1[4], front_kernels_v3[4], front_kernels_v4[4];

#endif
