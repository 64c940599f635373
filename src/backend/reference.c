/* reference.c: the oracle: plain loops on one thread, every other backend is tested against it.
 * Nothing is fused, so the compositions of fused.c run here. Lanczos steps come in batches, as on a
 * device, so that solvers are tested with both ways of making them.                             */
#include "backend/tables.h"
#include "base/dtype.h"
#include "base/error.h"
#include "base/memory.h"
#include "base/random.h"

#include <math.h>

typedef struct reference_matrix {
  backend_matrix base;
  const speig_matrix *A;
} reference_matrix;

static void ref_release(backend *be, void *data)
{
  (void)be;
  mem_free(data);
}

static speig_status ref_matrix_open(backend *be, const speig_matrix *A, backend_matrix **out)
{
  speig_status st = SPEIG_OK;
  speig_matrix_info info = speig_matrix_get_info(A);
  reference_matrix *M = NULL;
  TRY(MEM_ZARRAY(1, "matrix", &M));
  *M = (reference_matrix){ { .be = be, .rows = info.rows, .cols = info.cols }, A };
  *out = &M->base;
done:
  return st;
}

static void ref_matrix_close(backend *be, backend_matrix *A)
{
  (void)be;
  mem_free(A);
}

/* ---- batches of Lanczos steps ---- */

typedef struct reference_batch {
  int32_t stopped; /* the step before which the batch stopped */
  double norm_op;
  double *alpha, *beta; /* [last] */
  small U; /* coefficients of one vector */
} reference_batch;

static void batch_free(reference_batch *run)
{
  mem_free(run->alpha);
  mem_free(run->beta);
  small_free(&run->U);
  *run = (reference_batch){ 0 };
}

static speig_status ref_open(backend *be)
{
  return mem_zalloc(1, sizeof(reference_batch), "batch", &be->state);
}

static void ref_close(backend *be)
{
  batch_free(be->state);
  mem_free(be->state);
}

static speig_status batch_start(const lanczos_batch *b, reference_batch *run)
{
  speig_status st = SPEIG_OK;
  batch_free(run);
  *run = (reference_batch){ .stopped = b->last, .norm_op = b->norm_op };
  TRY(MEM_ZARRAY(b->last, "batch", &run->alpha));
  TRY(MEM_ZARRAY(b->last, "batch", &run->beta));
  TRY(small_alloc(b->y + b->last, 1, dtype_is_complex(b->basis.be->ops->dtype), &run->U));
done:
  return st;
}

/* w -= Q U with U = Q^H w; *alpha grows by the last coefficient. */
static speig_status sweep(const multivec *Q, multivec *w, small *U, double *alpha)
{
  speig_status st = SPEIG_OK;
  const backend_ops *ops = w->be->ops;
  TRY(ops->gram(Q, w, U));
  *alpha += small_get(U, Q->p - 1, 0);
  TRY(ops->mul(-1, Q, U, 1, w));
done:
  return st;
}

/* Whether w is orthogonal to Q, and its length. */
static speig_status look(const multivec *Q, const multivec *w, small *U, double *beta,
                         int *orthogonal)
{
  speig_status st = SPEIG_OK;
  const backend_ops *ops = w->be->ops;
  TRY(ops->gram(Q, w, U));
  TRY(ops->norms(w, beta));
  *orthogonal = small_max_abs(U) <= 2 * dtype_eps(ops->dtype) * *beta;
done:
  return st;
}

static speig_status ref_lanczos_append(lanczos_batch *b, int32_t j)
{
  speig_status st = SPEIG_OK;
  const backend_ops *ops = b->basis.be->ops;
  reference_batch *run = b->basis.be->state;
  multivec Q = mv_columns(&b->basis, 0, b->y + j + 1), w = mv_columns(&b->basis, b->y + j + 1, 1);
  double alpha = 0, beta, inverse;
  int orthogonal;
  small U;
  if (j == b->first)
    TRY(batch_start(b, run));
  if (run->stopped < b->last)
    goto done;
  U = small_view(&run->U, 0, 0, Q.p, 1);
  TRY(sweep(&Q, &w, &U, &alpha));
  TRY(look(&Q, &w, &U, &beta, &orthogonal));
  if (!orthogonal) {
    TRY(sweep(&Q, &w, &U, &alpha));
    TRY(look(&Q, &w, &U, &beta, &orthogonal));
  }
  run->alpha[j] = alpha;
  run->beta[j] = beta;
  run->norm_op = fmax(run->norm_op, fmax(fabs(alpha), beta));
  if (!orthogonal || !isfinite(alpha) || !isfinite(beta) || fabs(alpha) > b->huge ||
      beta > b->huge || beta <= 4 * dtype_eps(ops->dtype) * run->norm_op) {
    run->stopped = j;
    goto done;
  }
  inverse = 1 / beta;
  TRY(ops->scale(&inverse, &w));
done:
  return st;
}

static speig_status ref_lanczos_collect(lanczos_batch *b, int32_t *done)
{
  const reference_batch *run = b->basis.be->state;
  for (int32_t j = b->first; j < run->stopped; ++j) {
    b->diag[j] = run->alpha[j];
    b->off[j] = run->beta[j];
  }
  *done = run->stopped;
  return SPEIG_OK;
}

#define SPEIG_TEMPLATE "backend/reference.t.h"
#include "base/instantiate.h"

const backend_ops *backend_reference_table(speig_dtype dtype)
{
  static const backend_ops *const tables[] = { &reference_s, &reference_d, &reference_c,
                                               &reference_z };
  return tables[dtype];
}
