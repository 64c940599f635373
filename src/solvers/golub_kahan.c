/* golub_kahan.c: thick-restart Golub-Kahan-Lanczos bidiagonalisation for a few of the largest or
 * smallest singular values.
 *
 * Method: Golub and Kahan, SIAM J. Numer. Anal. 2 (1965); restarts by augmentation with Ritz
 * vectors as in Baglama and Reichel, SIAM J. Sci. Comput. 27 (2005). P (rows >= columns) is never
 * squared: after j steps P V = U B and P^H U = V B^H + beta v e_j^H with orthonormal U and V and an
 * upper bidiagonal B, whose first rows are those of the kept triplets after a restart. V lives in
 * the shorter space: so the smallest singular values of B fall monotonically to those of P, zeros
 * that only a rectangular shape makes do not appear, and V can exhaust the space.
 *
 * V with its constraints is a Lanczos run on P^H P in factored form, U one on P P^H: both use the
 * basis, the orthogonalisation and the fresh directions of lanczos.h, and the ranking, the choice
 * of what to keep and the probe for missed copies of ritz.c. A zero in B (P v or P^H u in the span
 * of what is there) is an invariant subspace: the run goes on in a fresh direction, orthogonal to
 * everything, which leaves both relations intact. Cost per step j: one product with P, one with
 * P^H, two passes over j + y columns of each length. */
#include "solvers/lanczos.h"
#include "solvers/legs.h"

#include "base/error.h"
#include "base/memory.h"
#include "dense/svd.h"

#include <inttypes.h>
#include <math.h>

typedef struct golub_kahan {
  eig_problem left_problem; /* what U sees: its length, its constraints, its random numbers */
  lanczos right, left; /* right.diag: B's diagonal; right.off: beta, of kept columns the last one of
                          B; right.S: right singular vectors of B, values ascending */
  small B, X, Y; /* X: left singular vectors of B; B and Y: work */
  double *sigma;
} golub_kahan;

static void gk_close(golub_kahan *G)
{
  lanczos_close(&G->right);
  lanczos_close(&G->left);
  small_free(&G->B);
  small_free(&G->X);
  small_free(&G->Y);
  mem_free(G->sigma);
}

static speig_status gk_open(const eig_problem *problem, golub_kahan *G)
{
  speig_status st = SPEIG_OK;
  int32_t m;
  G->left_problem = *problem;
  G->left_problem.n = operator_rows(problem->A);
  G->left_problem.constraints = problem->constraints_left;
  G->left_problem.seed = problem->seed ^ UINT64_C(0xA0761D6478BD642F);
  G->left_problem.known_count = 0;
  if (G->left_problem.n < problem->n)
    FAIL(SPEIG_ERR_INTERNAL,
         "a matrix of %" PRId64 " x %" PRId64 ", as many rows as columns needed", G->left_problem.n,
         problem->n);
  TRY(lanczos_open(problem, &G->right));
  TRY(lanczos_open(&G->left_problem, &G->left));
  G->right.method = "golub-kahan";
  m = G->right.m;
  TRY(small_alloc(m, m, 0, &G->B));
  TRY(small_alloc(m, m, 0, &G->X));
  TRY(small_alloc(m, m, 0, &G->Y));
  TRY(MEM_ZARRAY(m, "singular values", &G->sigma));
done:
  return st;
}

static int negligible(const golub_kahan *G, double length)
{
  return length <= 4 * G->right.eps * G->right.norm_a;
}

/* u_j: what P v_j has beside the columns before it; *alpha its length, 0 when there is nothing. */
static speig_status next_left(golub_kahan *G, int32_t j, double *alpha)
{
  speig_status st = SPEIG_OK;
  lanczos *R = &G->right, *L = &G->left;
  multivec v = lanczos_column(R, j), u = lanczos_column(L, j);
  TRY(operator_apply(R->problem->A, &v, &u));
  TRY(lanczos_orthogonalize(L, j, alpha));
  R->norm_a = fmax(R->norm_a, *alpha);
  if (negligible(G, *alpha)) {
    *alpha = 0;
    R->broke_down = 1;
    TRY(lanczos_fresh_direction(L, j));
  } else if (isfinite(*alpha)) {
    TRY(lanczos_normalize(L, j, *alpha));
  }
done:
  return st;
}

/* One step: P v_j and P^H u_j. */
static speig_status expand(golub_kahan *G)
{
  speig_status st = SPEIG_OK;
  lanczos *R = &G->right;
  int32_t j = R->filled;
  multivec u = lanczos_column(&G->left, j), next = lanczos_column(R, j + 1);
  double alpha, beta = 0;
  TRY(next_left(G, j, &alpha));
  if (isfinite(alpha)) {
    TRY(operator_apply(R->problem->adjoint, &u, &next));
    TRY(lanczos_orthogonalize(R, j + 1, &beta));
  }
  if (!isfinite(alpha) || !isfinite(beta))
    FAIL(SPEIG_ERR_NUMERIC, "product number %" PRId64 " is not finite (alpha %g, beta %g)",
         eig_products(R->problem), alpha, beta);
  R->norm_a = fmax(R->norm_a, hypot(alpha, beta));
  R->diag[j] = alpha;
  R->off[j] = beta;
  R->filled = j + 1;
  if ((int64_t)R->y + j + 1 >= R->problem->n || negligible(G, beta)) {
    R->off[j] = 0;
    R->broke_down = 1;
    TRY(lanczos_fresh_direction(R, j + 1));
  } else {
    TRY(lanczos_normalize(R, j + 1, beta));
  }
done:
  return st;
}

/* Ritz triplets, ascending: right.theta and mu, right.S, X. */
static speig_status ritz_triplets(golub_kahan *G)
{
  speig_status st = SPEIG_OK;
  lanczos *R = &G->right;
  int32_t j = R->filled;
  small B = small_view(&G->B, 0, 0, j, j), Y = small_view(&G->Y, 0, 0, j, j),
        X = small_view(&R->C, 0, 0, j, j);
  double last = R->exhausted ? 0 : R->off[j - 1];
  small_zero(&B);
  for (int32_t i = 0; i < j; ++i) {
    int32_t next = i < R->kept ? R->kept : i + 1;
    small_set(&B, i, i, R->diag[i]);
    if (next < j)
      small_set(&B, i, next, R->off[i]);
  }
  TRY(svd_decompose(&B, &X, G->sigma, &Y));
  for (int32_t i = 0; i < j; ++i) {
    small from = small_view(&Y, 0, j - 1 - i, j, 1), to = small_view(&R->S, 0, i, j, 1);
    small_copy(&from, &to);
    from = small_view(&X, 0, j - 1 - i, j, 1);
    to = small_view(&G->X, 0, i, j, 1);
    small_copy(&from, &to);
    R->theta[i] = G->sigma[j - 1 - i];
    R->mu[i] = R->theta[i] * R->theta[i]; /* how fast a run on P^H P converges */
    R->residual[i] = fabs(last * small_get(&G->X, j - 1, i));
  }
  R->norm_a = fmax(R->norm_a, R->theta[j - 1]);
  R->norm_op = R->norm_a * R->norm_a;
  eig_rank(R->problem->which, j, R->theta, R->rank);
done:
  return st;
}

/* target(:, i) = source(:, pick[i]) */
static small gather(const small *source, int32_t rows, int32_t count, const int32_t *pick,
                    small *target)
{
  for (int32_t i = 0; i < count; ++i) {
    small from = small_view(source, 0, pick[i], rows, 1), to = small_view(target, 0, i, rows, 1);
    small_copy(&from, &to);
  }
  return small_view(target, 0, 0, rows, count);
}

static speig_status thick_restart(golub_kahan *G)
{
  speig_status st = SPEIG_OK;
  lanczos *R = &G->right;
  int32_t m = R->filled, l = ritz_choose_kept(R);
  double last = R->off[m - 1];
  multivec V = mv_columns(&R->basis, R->y, m), U = mv_columns(&G->left.basis, G->left.y, m),
           from = lanczos_column(R, m), to = lanczos_column(R, l);
  small C = gather(&R->S, m, l, R->rank, &R->C);
  TRY(mv_rotate(&V, &C));
  C = gather(&G->X, m, l, R->rank, &R->C);
  TRY(mv_rotate(&U, &C));
  for (int32_t i = 0; i < l; ++i) {
    R->diag[i] = R->theta[R->rank[i]];
    R->off[i] = last * small_get(&G->X, m - 1, R->rank[i]);
  }
  if (l != m)
    TRY(mv_copy(&from, &to));
  R->kept = R->filled = l;
  ++R->restarts;
done:
  return st;
}

static speig_status extract(golub_kahan *G, eig_pairs *pairs)
{
  speig_status st = SPEIG_OK;
  lanczos *R = &G->right;
  int32_t m = R->filled, count = ritz_select(R, pairs->capacity, &pairs->converged);
  multivec V = mv_columns(&R->basis, R->y, m), U = mv_columns(&G->left.basis, G->left.y, m), to;
  small C;
  pairs->count = count;
  for (int32_t i = 0; i < count; ++i) {
    pairs->theta[i] = R->theta[R->merged_rank[i]];
    pairs->residual[i] = R->residual[R->merged_rank[i]];
  }
  if (m == 0 || count == 0)
    goto done;
  C = gather(&R->S, m, count, R->merged_rank, &R->C);
  to = mv_columns(&pairs->X, 0, count);
  TRY(mv_mul(1, &V, &C, 0, &to));
  C = gather(&G->X, m, count, R->merged_rank, &R->C);
  to = mv_columns(&pairs->left, 0, count);
  TRY(mv_mul(1, &U, &C, 0, &to));
done:
  return st;
}

/* ---- to and from a checkpoint ---- */

/* U has as many columns as V less the next one; its own numbers are its random ones. */
static speig_status keep(archive *a, void *solver)
{
  speig_status st = SPEIG_OK;
  golub_kahan *G = solver;
  double loss = 0;
  multivec U;
  TRY(lanczos_archive(a, &G->right, &loss));
  TRY(archive_uint64(a, "left draws", &G->left.draws));
  TRY(archive_real(a, "left norm", &G->left.norm_a));
  U = mv_columns(&G->left.basis, G->left.y, G->right.filled);
  TRY(archive_block(a, "left basis", &U));
done:
  return st;
}

static speig_status begin(golub_kahan *G, leg_entry entry)
{
  speig_status st = SPEIG_OK;
  checkpoint *c = G->right.problem->checkpoint;
  if (entry == LEG_NEW)
    TRY(lanczos_start(&G->right));
  else
    TRY(checkpoint_restore(c, keep, G));
  G->right.is_resumed = entry != LEG_NEW;
  checkpoint_watch(c, keep, G, &G->right.filled);
done:
  return st;
}

/* ---- the run ---- */

static int32_t room(const lanczos *R)
{
  return eig_basis_room(R->problem->ncv_first, R->m, R->restarts);
}

/* What is wanted may converge before the basis is full. A probe uses all of it: what it is to find
 * may be slow to show. So does a loose tolerance, which values meet that still move on to larger
 * ones. */
static int worth_a_look(const lanczos *R)
{
  enum { LOOK = 8 };
  return R->problem->known_count == 0 && R->problem->tol <= sqrt(R->eps) &&
         R->filled >= R->problem->k && R->filled < room(R) && R->filled % LOOK == 0 &&
         !R->exhausted;
}

/* Fills the basis, unless the run is finished before. */
static speig_status fill_basis(golub_kahan *G, int *complete)
{
  speig_status st = SPEIG_OK;
  lanczos *R = &G->right;
  int is_due = R->is_resumed && R->filled > R->kept;
  *complete = 0;
  R->is_resumed = 0;
  while (R->filled < room(R) && !R->exhausted && !R->stop && !*complete) {
    if (!is_due) {
      checkpoint_offer(R->problem->checkpoint);
      TRY(expand(G));
      lanczos_report_within_cycle(R);
    }
    is_due = 0;
    if (worth_a_look(R)) {
      TRY(ritz_triplets(G));
      *complete = ritz_finished(R);
    }
  }
  if (!*complete) {
    TRY(ritz_triplets(G));
    /* A probe that a limit cuts short has not looked long enough to say that nothing is there. */
    *complete = ritz_finished(R) && !(R->stop && R->problem->known_count > 0);
  }
done:
  return st;
}

speig_status golub_kahan_solve(const eig_problem *given, eig_pairs *pairs)
{
  speig_status st = SPEIG_OK;
  eig_problem adapted = *given, *problem = &adapted;
  leg_entry entry;
  golub_kahan G = { 0 };
  lanczos *R = &G.right;
  int finished = 0;
  pairs->count = pairs->converged = 0;
  TRY(leg_enter(problem, "golub-kahan", 0, NULL, &entry));
  if (entry == LEG_ANSWERED) {
    TRY(leg_answer(problem, pairs));
    goto done;
  }
  if (entry != LEG_NEW && problem->ncv < checkpoint_columns(problem->checkpoint))
    adapted.ncv = checkpoint_columns(problem->checkpoint);
  TRY(gk_open(problem, &G));
  TRY(begin(&G, entry));
  for (;;) {
    TRY(fill_basis(&G, &finished));
    if (finished && !R->stop)
      lanczos_report(R); /* the last word; what it is answered changes nothing */
    if (finished || R->stop || R->exhausted)
      break;
    lanczos_report(R);
    if (R->stop)
      break;
    TRY(thick_restart(&G));
  }
  if (finished || (R->exhausted && !R->stop))
    R->reason = SPEIG_STOP_CONVERGED;
  TRY(extract(&G, pairs));
  pairs->norm_a = R->norm_a;
  pairs->norm_b = 1;
  pairs->iterations = R->restarts;
  pairs->reason = R->reason;
  TRY(leg_leave(problem, pairs));
done:
  gk_close(&G);
  return st;
}
