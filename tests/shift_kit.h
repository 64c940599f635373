/* shift_kit.h: for tests of shift-invert: problems, LAPACK's eigenvalues of them, and a judgement
 * by loops of its own. */
#ifndef SPEIG_TESTS_SHIFT_KIT_H
#define SPEIG_TESTS_SHIFT_KIT_H

#include "eigen_kit.h"

#include "speig/eigsh.h"

enum { SHIFT_SIDE = 13, SHIFT_N = SHIFT_SIDE * SHIFT_SIDE };

/* Is there a factorization? Else the case is marked as skipped. */
int shift_have_factors(void);

/* Entries for kit_matrix. A grid with phases on its edges: *user = { edge, diagonal, noise }. */
kit_scalar shift_grid_entry(int32_t i, int32_t j, const void *user);
/* *user of an indefinite and of a definite grid. */
extern const double shift_indefinite[3], shift_definite[3];
kit_scalar shift_mass_entry(int32_t i, int32_t j, const void *user);
/* Every third node has no mass. */
kit_scalar shift_singular_mass_entry(int32_t i, int32_t j, const void *user);
/* Neumann's Laplacian of a path: eigenvalue 0. *user: its int32_t order. */
kit_scalar shift_path_entry(int32_t i, int32_t j, const void *user);
/* Eigenvalues 1, 2, ..., each `copies` times: *user = { copies, complex }, of int32_t. */
kit_scalar shift_multiple_entry(int32_t i, int32_t j, const void *user);

/* All finite eigenvalues of A x = lambda B x into w, how many. inverse: A is definite and B need
 * not be, so LAPACK gets B x = mu A x. */
int shift_reference(const speig_matrix *A, const speig_matrix *B, int inverse, double *w);
/* The k values that `which` asks for, ascending, into want. */
void shift_choose(const speig_eigsh_opts *o, int count, const double *w, int k, double *want);
/* max |X^H G X - I| and max ||A x - lambda B x|| / (1 + |lambda|), ||x||_G = 1. */
void shift_recompute(const speig_matrix *A, const speig_matrix *B, const speig_matrix *G,
                     const speig_eigsh_result *r, double *defect, double *residual);
speig_eigsh_result *shift_solve(const speig_matrix *A, const speig_matrix *B,
                                const speig_eigsh_opts *o);
/* Solves and holds against LAPACK; inverse as in shift_reference. certain: CERTIFIED is expected.
 */
void shift_expect(const test_case *tc, const speig_matrix *A, const speig_matrix *B,
                  const speig_eigsh_opts *o, int inverse, int certain);
/* Options for method lanczos; at these sizes auto would take LAPACK. */
speig_eigsh_opts shift_options(double sigma, speig_mode mode, speig_which which, int32_t k);
int shift_ascending(const void *a, const void *b); /* doubles, for qsort */

#endif
