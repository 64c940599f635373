/* fused.c: entries that a table may leave out, composed of the others, and what is always composed.
 */
#include "backend/backend.h"
#include "backend/shapes.h"
#include "backend/traffic.h"
#include "base/dtype.h"

#include <inttypes.h>

static speig_status rotate_composed(multivec *X, const small *C)
{
  speig_status st = SPEIG_OK;
  multivec product = { 0 }, head = mv_columns(X, 0, C->cols);
  TRY(mv_alloc(X->be, X->n, C->cols, "rotated block", &product));
  TRY(X->be->ops->mul(1, X, C, 0, &product));
  TRY(X->be->ops->copy(&product, &head));
done:
  mv_free(&product);
  return st;
}

speig_status mv_rotate(multivec *X, const small *C)
{
  speig_status st = SPEIG_OK;
  REQUIRE(C->rows == X->p && C->cols <= X->p, "rotate: C is %d x %d for a block of %d columns",
          C->rows, C->cols, X->p);
  TRY(X->be->ops->rotate ? X->be->ops->rotate(X, C) : rotate_composed(X, C));
  traffic_blocks(X->be, X->n, (double)X->p + C->cols);
done:
  return st;
}

speig_status mv_lanczos_step(backend_matrix *A, const multivec *q, double beta,
                             const multivec *q_prev, multivec *w, double *alpha)
{
  speig_status st = SPEIG_OK;
  const backend_ops *ops = q->be->ops;
  double minus_beta = -beta;
  REQUIRE_SHAPE("Lanczos step: w", w->n, w->p, q->n, 1);
  traffic_matrix(A);
  traffic_blocks(q->be, q->n, q_prev ? 3 : 2);
  if (ops->lanczos_step) {
    TRY(ops->lanczos_step(A, q, beta, q_prev, w, alpha));
    goto done;
  }
  TRY(ops->apply(A, 1, q, 0, w));
  if (q_prev)
    TRY(ops->axpy(&minus_beta, q_prev, w));
  TRY(ops->real_dots(q, w, alpha));
done:
  return st;
}

speig_status mv_recurrence(backend_matrix *A, double alpha, double gamma, const multivec *x,
                           double beta, multivec *y)
{
  speig_status st = SPEIG_OK;
  const backend_ops *ops = x->be->ops;
  REQUIRE_SHAPE("recurrence: y", y->n, y->p, x->n, 1);
  traffic_matrix(A);
  traffic_blocks(x->be, x->n, beta != 0 ? 3 : 2);
  if (ops->recurrence) {
    TRY(ops->recurrence(A, alpha, gamma, x, beta, y));
    goto done;
  }
  TRY(ops->apply(A, alpha, x, beta, y));
  TRY(ops->axpy(&gamma, x, y));
done:
  return st;
}

speig_status mv_axpy_norm(double a, const multivec *x, multivec *y, double *norm)
{
  speig_status st = SPEIG_OK;
  const backend_ops *ops = x->be->ops;
  REQUIRE_SHAPE("axpy with norm: y", y->n, y->p, x->n, 1);
  traffic_blocks(x->be, x->n, 3);
  if (ops->axpy_norm) {
    TRY(ops->axpy_norm(a, x, y, norm));
    goto done;
  }
  TRY(ops->axpy(&a, x, y));
  TRY(ops->norms(y, norm));
done:
  return st;
}

speig_status mv_project(const multivec *Q, const small *U, multivec *X, small *H, double *norm)
{
  speig_status st = SPEIG_OK;
  const backend_ops *ops = Q->be->ops;
  REQUIRE(Q->n == X->n, "project: Q has %" PRId64 " rows, X has %" PRId64, Q->n, X->n);
  REQUIRE_SHAPE("project: H", H->rows, H->cols, Q->p, X->p);
  if (U)
    REQUIRE_SHAPE("project: U", U->rows, U->cols, Q->p, X->p);
  traffic_blocks(Q->be, Q->n, Q->p + (U ? 2.0 : 1.0) * X->p);
  if (ops->project) {
    TRY(ops->project(Q, U, X, H, norm));
    goto done;
  }
  if (U)
    TRY(ops->mul(-1, Q, U, 1, X));
  TRY(ops->gram(Q, X, H));
  if (norm)
    TRY(ops->norms(X, norm));
done:
  return st;
}

int mv_may_select(const backend *be)
{
  return be->ops->matrix_order && be->ops->matrix_select && be->ops->rows;
}

speig_status mv_matrix_order(backend_matrix *A, int32_t *order, int64_t count, int *gain)
{
  speig_status st = SPEIG_OK;
  REQUIRE(A->rows == A->cols && count <= A->rows,
          "order of a matrix: %" PRId64 " x %" PRId64 ", %" PRId64 " rows of it", A->rows, A->cols,
          count);
  TRY(A->be->ops->matrix_order(A, order, count, gain));
done:
  return st;
}

speig_status mv_matrix_select(backend_matrix *A, const int32_t *order, int64_t count,
                              backend_matrix **out)
{
  speig_status st = SPEIG_OK;
  *out = NULL;
  REQUIRE(A->rows == A->cols && count <= A->rows,
          "part of a matrix: %" PRId64 " x %" PRId64 ", %" PRId64 " rows of it", A->rows, A->cols,
          count);
  TRY(A->be->ops->matrix_select(A, order, count, out));
  if ((*out)->bytes == 0)
    (*out)->bytes = A->bytes;
done:
  return st;
}

speig_status mv_rows(const int32_t *order, int back, const multivec *X, multivec *Y)
{
  speig_status st = SPEIG_OK;
  REQUIRE(X->p == Y->p && (back ? X->n <= Y->n : Y->n <= X->n),
          "rows of a block: %" PRId64 " x %d to %" PRId64 " x %d", X->n, X->p, Y->n, Y->p);
  TRY(X->be->ops->rows(order, back, X, Y));
  traffic_blocks(X->be, X->n < Y->n ? X->n : Y->n, 2.0 * X->p);
done:
  return st;
}

speig_status mv_residual(const multivec *AX, const multivec *BX, const double *theta, multivec *R)
{
  enum { FEW = 64 }; /* columns per call */
  speig_status st = SPEIG_OK;
  double minus[FEW];
  if (R->data != AX->data)
    TRY(mv_copy(AX, R));
  for (int32_t first = 0, count; first < R->p; first += count) {
    multivec r, b;
    count = R->p - first < FEW ? R->p - first : FEW;
    r = mv_columns(R, first, count);
    b = mv_columns(BX, first, count);
    for (int32_t j = 0; j < count; ++j)
      minus[j] = -theta[first + j];
    TRY(mv_axpy(minus, &b, &r));
  }
done:
  return st;
}

/* max_j over columns of ||h_j||_max / norm_j, and whether that is below eta. */
static int negligible(const small *H, const double *norm, double eta)
{
  for (int32_t j = 0; j < H->cols; ++j) {
    small column = small_view(H, 0, j, H->rows, 1);
    if (!(small_max_abs(&column) <= eta * norm[j]))
      return 0;
  }
  return 1;
}

static void accumulate(const small *part, small *H)
{
  int32_t reals = part->is_complex ? 2 * part->rows : part->rows;
  int32_t stride = part->is_complex ? 2 : 1;
  for (int32_t j = 0; j < part->cols; ++j)
    for (int32_t i = 0; i < reals; ++i)
      H->data[i + (int64_t)j * H->ld * stride] += part->data[i + (int64_t)j * part->ld * stride];
}

speig_status mv_orthogonalize(const multivec *Q, multivec *X, small *H, double *norm, small work[2])
{
  enum { MAX_SWEEPS = 4 };
  speig_status st = SPEIG_OK;
  /* A component of this size changes the next basis vector by less than its own rounding. */
  double eta = 2 * dtype_eps(Q->be->ops->dtype);
  small U = small_view(&work[0], 0, 0, Q->p, X->p), R = small_view(&work[1], 0, 0, Q->p, X->p);
  if (H)
    small_zero(H);
  TRY(mv_project(Q, NULL, X, &U, norm));
  for (int sweep = 0; sweep < MAX_SWEEPS; ++sweep) {
    TRY(mv_project(Q, &U, X, &R, norm));
    if (H)
      accumulate(&U, H);
    if (negligible(&R, norm, eta))
      break;
    small_copy(&R, &U);
  }
done:
  return st;
}
