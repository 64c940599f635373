/* eigs_kit.c: see eigs_kit.h. */
#include "eigs_kit.h"

#include "base/dtype.h"
#include "solve_kit.h"

#include <lapacke.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static kit_number *expand(const speig_matrix *A)
{
  speig_matrix_info info = speig_matrix_get_info(A);
  const int64_t *rowptr;
  const int32_t *col;
  const void *values;
  kit_number *full = calloc((size_t)(info.rows * info.rows) + 1, sizeof *full);
  speig_matrix_arrays(A, &rowptr, &col, &values);
  for (int64_t i = 0; i < info.rows; ++i)
    for (int64_t e = rowptr[i]; e < rowptr[i + 1]; ++e) {
      double v[2];
      scalar_get(info.dtype, values, e, v);
      full[i + col[e] * info.rows] += v[0] + v[1] * I;
    }
  return full;
}

static double frobenius(const kit_number *full, int64_t count)
{
  double sum = 0, largest = 0;
  for (int64_t i = 0; i < count; ++i)
    largest = fmax(largest, cabs(full[i]));
  for (int64_t i = 0; largest > 0 && i < count; ++i)
    sum += cabs(full[i] / largest) * cabs(full[i] / largest);
  return largest * sqrt(sum);
}

/* y^H B x over unit vectors of pair j. */
static double side_product(const general_model *m, const kit_number *y, const kit_number *x)
{
  kit_number sum = 0;
  for (int32_t i = 0; i < m->n; ++i) {
    kit_number bx = m->full_b ? 0 : x[i];
    for (int32_t j = 0; m->full_b && j < m->n; ++j)
      bx += m->full_b[i + (int64_t)j * m->n] * x[j];
    sum += conj(y[i]) * bx;
  }
  return cabs(sum) / frobenius(x, m->n) / frobenius(y, m->n);
}

static void solve_by_lapack(general_model *m)
{
  size_t square = (size_t)m->n * (size_t)m->n + 1;
  kit_number *a = malloc(square * sizeof *a), *b = NULL, *x = malloc(square * sizeof *x),
             *y = malloc(square * sizeof *y), *beta = calloc((size_t)m->n + 1, sizeof *beta);
  lapack_int info;
  m->spectrum = calloc((size_t)m->n + 1, sizeof *m->spectrum);
  m->condition = calloc((size_t)m->n + 1, sizeof *m->condition);
  memcpy(a, m->full, (square - 1) * sizeof *a);
  if (m->full_b) {
    b = malloc(square * sizeof *b);
    memcpy(b, m->full_b, (square - 1) * sizeof *b);
    info = LAPACKE_zggev(LAPACK_COL_MAJOR, 'V', 'V', m->n, a, m->n, b, m->n, m->spectrum, beta, y,
                         m->n, x, m->n);
    for (int32_t j = 0; j < m->n; ++j)
      m->spectrum[j] =
          cabs(beta[j]) > 1e-13 * m->norm_b ? m->spectrum[j] / beta[j] : (kit_number)INFINITY;
  } else {
    info = LAPACKE_zgeev(LAPACK_COL_MAJOR, 'V', 'V', m->n, a, m->n, m->spectrum, y, m->n, x, m->n);
  }
  CU_ASSERT_EQUAL_FATAL(info, 0);
  for (int32_t j = 0; j < m->n; ++j)
    m->condition[j] = 1 / side_product(m, y + (int64_t)j * m->n, x + (int64_t)j * m->n);
  free(a);
  free(b);
  free(x);
  free(y);
  free(beta);
}

general_model general_wrap(speig_matrix *A, speig_matrix *B, const char *name)
{
  general_model m = { .A = A, .B = B };
  speig_matrix_info info = speig_matrix_get_info(A);
  m.n = (int32_t)info.rows;
  m.dtype = info.dtype;
  (void)snprintf(m.name, sizeof m.name, "%s/%s", name, speig_dtype_name(m.dtype));
  CHECK_OK(speig_operator_from_matrix(A, &m.op));
  m.full = expand(A);
  m.norm = frobenius(m.full, (int64_t)m.n * m.n);
  m.norm_b = 1;
  if (B) {
    CHECK_OK(speig_operator_from_matrix(B, &m.op_b));
    m.full_b = expand(B);
    m.norm_b = frobenius(m.full_b, (int64_t)m.n * m.n);
  }
  solve_by_lapack(&m);
  return m;
}

general_model general_make(speig_dtype dtype, int32_t n, const char *name, kit_entry f,
                           const void *user)
{
  int64_t room = (int64_t)n * n, nnz = 0;
  int32_t *row = calloc((size_t)room + 1, sizeof *row),
          *col = calloc((size_t)room + 1, sizeof *col);
  void *values = calloc((size_t)room + 1, 16);
  speig_coo *coo = NULL;
  speig_matrix *A = NULL;
  for (int32_t i = 0; i < n; ++i)
    for (int32_t j = 0; j < n; ++j) {
      kit_number v = f(i, j, user);
      if (v == 0)
        continue;
      row[nnz] = i;
      col[nnz] = j;
      scalar_put(dtype, values, nnz++, creal(v), dtype_is_complex(dtype) ? cimag(v) : 0);
    }
  CHECK_OK(speig_coo_create(dtype, n, n, nnz, row, col, values, SPEIG_GENERAL, SPEIG_COPY, &coo));
  CHECK_OK(speig_matrix_from_coo(coo, &A));
  speig_coo_destroy(&coo);
  free(row);
  free(col);
  free(values);
  return general_wrap(A, NULL, name);
}

void general_drop(general_model *m)
{
  speig_operator_destroy(&m->op);
  speig_operator_destroy(&m->op_b);
  speig_matrix_destroy(&m->A);
  speig_matrix_destroy(&m->B);
  free(m->full);
  free(m->full_b);
  free(m->spectrum);
  free(m->condition);
}

speig_eigs_opts general_opts(speig_device device, speig_method method, int32_t k,
                             speig_eigs_which which)
{
  speig_eigs_opts opts = SPEIG_EIGS_OPTS_INIT;
  opts.device = device;
  opts.method = method;
  opts.k = k;
  opts.which = which;
  opts.threads = 1; /* small problems, and machines with other work to do */
  return opts;
}

double general_rank_key(speig_eigs_which which, speig_dtype dtype, kit_number value)
{
  double im = dtype_is_complex(dtype) ? cimag(value) : fabs(cimag(value));
  switch (which) {
  case SPEIG_EIGS_LM:
    return cabs(value);
  case SPEIG_EIGS_SM:
    return -cabs(value);
  case SPEIG_EIGS_LR:
    return creal(value);
  case SPEIG_EIGS_SR:
    return -creal(value);
  case SPEIG_EIGS_LI:
    return im;
  default:
    return -im;
  }
}

/* What is ranked: with a shift, 1 / (value - sigma), or a part of that. */
static double key_of(const general_model *m, const speig_eigs_opts *o, kit_number value)
{
  kit_number sigma = o->sigma[0] + o->sigma[1] * I, near = 1 / (value - sigma), far;
  int real = !dtype_is_complex(m->dtype);
  if (!o->has_sigma)
    return general_rank_key(o->which, m->dtype, value);
  if (real && cimag(sigma) != 0 && o->part == SPEIG_PART_WHOLE)
    return general_rank_key(o->which, SPEIG_Z, near);
  if (real && cimag(sigma) != 0) {
    far = 1 / (value - conj(sigma));
    near = o->part == SPEIG_PART_REAL ? (near + far) / 2 : (near - far) / (2 * I);
  }
  return general_rank_key(o->which, m->dtype, near);
}

/* How much the key may move when the value moves by gap. */
static double key_gap(const general_model *m, const speig_eigs_opts *o, kit_number value,
                      double gap)
{
  kit_number sigma = o->sigma[0] + o->sigma[1] * I;
  double distance = fmin(cabs(value - sigma), cabs(value - conj(sigma)));
  (void)m;
  if (!o->has_sigma)
    return gap;
  return distance > 2 * gap ? 2 * gap / distance / distance : INFINITY;
}

typedef struct complaint {
  const general_model *m;
  const speig_eigs_opts *opts;
  int count;
} complaint;

#define COMPLAIN(c, ...)                                                                           \
  do {                                                                                             \
    fprintf(stderr, "\n  %s %s %s k=%d: ", (c)->m->name, speig_method_name((c)->opts->method),     \
            speig_eigs_which_name((c)->opts->which), (int)(c)->opts->k);                           \
    fprintf(stderr, __VA_ARGS__);                                                                  \
    ++(c)->count;                                                                                  \
  } while (0)

static kit_number value_at(const speig_eigs_result *r, int32_t j)
{
  return r->values[2 * (size_t)j] + r->values[2 * (size_t)j + 1] * I;
}

/* How far two correct solvers may find the eigenvalue l apart: to first order condition times
 * perturbation, where that is small; the d-th root of the perturbation near a defective one. */
static double slack(const complaint *c, const speig_eigs_result *r, int32_t l)
{
  const general_model *m = c->m;
  double size = isfinite(creal(m->spectrum[l])) ? cabs(m->spectrum[l]) : 0;
  double moved = (r->tol + 1e-14) * (m->norm + size * m->norm_b);
  double first = 4 * moved * m->condition[l];
  double scale = m->norm / m->norm_b + size;
  return fmin(first, 4 * scale * pow(moved / (m->norm + size * m->norm_b), 0.25)) + 1e-14 * scale;
}

/* Each value returned has an eigenvalue of its own in LAPACK's list, and no clearly better one is
 * left over. */
static void check_set(complaint *c, const speig_eigs_result *r)
{
  const general_model *m = c->m;
  char *used = calloc((size_t)m->n + 1, 1);
  double cut = INFINITY; /* the least key among those returned */
  for (int32_t j = 0; j < r->k; ++j) {
    int32_t best = -1;
    double best_gap = INFINITY;
    for (int32_t l = 0; l < m->n; ++l) {
      double gap = cabs(m->spectrum[l] - value_at(r, j));
      if (!used[l] && isfinite(creal(m->spectrum[l])) && gap < best_gap) {
        best = l;
        best_gap = gap;
      }
    }
    if (best < 0 || best_gap > slack(c, r, best)) {
      COMPLAIN(
          c, "value %.12g%+.12gi has no eigenvalue of its own: %.3g from the nearest, %.3g allowed",
          creal(value_at(r, j)), cimag(value_at(r, j)), best_gap,
          best < 0 ? 0.0 : slack(c, r, best));
      continue;
    }
    used[best] = 1;
    cut = fmin(cut, key_of(m, c->opts, m->spectrum[best]) +
                        key_gap(m, c->opts, m->spectrum[best], slack(c, r, best)));
  }
  for (int32_t l = 0; l < m->n && r->k == r->wanted; ++l) {
    double key = key_of(m, c->opts, m->spectrum[l]);
    if (!used[l] && isfinite(creal(m->spectrum[l])) &&
        key - key_gap(m, c->opts, m->spectrum[l], slack(c, r, l)) > cut + 1e-9 * fabs(cut)) {
      COMPLAIN(c, "missed %.12g%+.12gi; outcome %s", creal(m->spectrum[l]), cimag(m->spectrum[l]),
               speig_outcome_name(r->outcome));
      break;
    }
  }
  free(used);
}

/* Ranked best first; pairs of real matrices whole, the positive imaginary part first. */
static void check_order(complaint *c, const speig_eigs_result *r)
{
  const general_model *m = c->m;
  for (int32_t j = 1; j < r->k; ++j) {
    double before = key_of(m, c->opts, value_at(r, j - 1)),
           key = key_of(m, c->opts, value_at(r, j));
    double loose = (dtype_is_single(m->dtype) ? 1e-4 : 1e-8) * m->norm / m->norm_b;
    double gap =
        key_gap(m, c->opts, value_at(r, j), loose) + key_gap(m, c->opts, value_at(r, j - 1), loose);
    if (!(key <= before + gap + 1e-6 * fabs(key)))
      COMPLAIN(c, "value %d (key %.12g) ranks behind value %d (key %.12g)", (int)j, key, (int)j - 1,
               before);
  }
  for (int32_t j = 0; !dtype_is_complex(r->dtype) && j < r->k; ++j) {
    kit_number v = value_at(r, j);
    if (cimag(v) == 0)
      continue;
    if (cimag(v) < 0 || j + 1 >= r->k || value_at(r, j + 1) != conj(v))
      COMPLAIN(c, "value %d, %.12g%+.12gi, is half of a pair", (int)j, creal(v), cimag(v));
    ++j;
  }
}

static kit_number vector_entry(const speig_block *X, int64_t i, int32_t j)
{
  double v[2];
  scalar_get(X->dtype, X->data, i + j * X->ld, v);
  return v[0] + v[1] * I;
}

static double length_of(const speig_block *X, int32_t j)
{
  double sum = 0;
  for (int64_t i = 0; i < X->rows; ++i)
    sum += creal(vector_entry(X, i, j) * conj(vector_entry(X, i, j)));
  return sqrt(sum);
}

/* ||A x - lambda B x||, or of the left vector ||A^H y - conj(lambda) B^H y|| */
static double residual_of(const general_model *m, const speig_block *X, int32_t j,
                          kit_number lambda, int left)
{
  double sum = 0;
  for (int32_t i = 0; i < m->n; ++i) {
    kit_number row = 0;
    for (int32_t l = 0; l < m->n; ++l) {
      int64_t at = left ? l + (int64_t)i * m->n : i + (int64_t)l * m->n;
      kit_number b = m->full_b ? m->full_b[at] : (kit_number)(i == l), a = m->full[at];
      row += (left ? conj(a - lambda * b) : a - lambda * b) * vector_entry(X, l, j);
    }
    sum += creal(row * conj(row));
  }
  return sqrt(sum);
}

static void check_vectors(complaint *c, const speig_eigs_result *r)
{
  const general_model *m = c->m;
  double eps = dtype_eps(m->dtype), tol = r->tol;
  for (int32_t j = 0; j < r->k; ++j) {
    kit_number lambda = value_at(r, j);
    double residual = residual_of(m, &r->vectors, j, lambda, 0);
    double size = m->norm + cabs(lambda) * m->norm_b;
    if (fabs(length_of(&r->vectors, j) - 1) > 100 * eps)
      COMPLAIN(c, "vector %d has length %.15g", (int)j, length_of(&r->vectors, j));
    if (!(residual <= 2 * tol * size))
      COMPLAIN(c, "pair %d: residual %.3g, allowed %.3g", (int)j, residual, tol * size);
    if (!(fabs(residual - r->residuals[j]) <= 0.1 * residual + 100 * eps * size))
      COMPLAIN(c, "pair %d: residual %.3g reported, %.3g found", (int)j, r->residuals[j], residual);
    if (!(r->relative_residuals[j] <= tol))
      COMPLAIN(c, "pair %d: relative residual %.3g above tol %.3g", (int)j,
               r->relative_residuals[j], tol);
  }
}

static void check_left(complaint *c, const speig_eigs_result *r)
{
  const general_model *m = c->m;
  for (int32_t j = 0; j < r->k; ++j) {
    kit_number lambda = value_at(r, j), product = 0;
    double residual, size = m->norm + cabs(lambda) * m->norm_b;
    if (isnan(r->conditions[j])) {
      COMPLAIN(c, "no left vector for value %d", (int)j);
      continue;
    }
    residual = residual_of(m, &r->left, j, lambda, 1);
    if (!(residual <= 1e3 * (r->tol + 1e-14) * size * fmax(1, r->conditions[j])))
      COMPLAIN(c, "left vector %d: residual %.3g beside %.3g, condition %.3g", (int)j, residual,
               size, r->conditions[j]);
    if (!(fabs(residual - r->left_residuals[j]) <=
          0.1 * residual + 100 * dtype_eps(m->dtype) * size))
      COMPLAIN(c, "left vector %d: residual %.3g reported, %.3g found", (int)j,
               r->left_residuals[j], residual);
    for (int32_t i = 0; i < m->n; ++i)
      for (int32_t l = 0; l < m->n; ++l)
        if (m->full_b || i == l)
          product += conj(vector_entry(&r->left, i, j)) * vector_entry(&r->vectors, l, j) *
                     (m->full_b ? m->full_b[i + (int64_t)l * m->n] : 1);
    if (r->conditions[j] < 1e6 && !dtype_is_single(m->dtype) &&
        !(fabs(cabs(product) * r->conditions[j] - 1) <= 1e-6))
      COMPLAIN(c, "value %d: condition %.6g reported, %.6g found", (int)j, r->conditions[j],
               1 / cabs(product));
  }
}

int general_is_right(const general_model *m, const speig_eigs_opts *opts,
                     const speig_eigs_result *r)
{
  complaint c = { m, opts, 0 };
  int32_t wanted = opts->k < m->n ? opts->k : m->n;
  if ((r->wanted != wanted && r->wanted != wanted + 1 && !m->B) || r->k > r->wanted ||
      r->n != m->n || (r->dtype != m->dtype && !(c.opts->has_sigma && c.opts->sigma[1] != 0)))
    COMPLAIN(&c, "wanted %d, needed %d; k %d, n %d", (int)r->wanted, (int)wanted, (int)r->k,
             (int)r->n);
  if (r->wanted == wanted + 1 && dtype_is_complex(m->dtype))
    COMPLAIN(&c, "one more than %d for a complex matrix", (int)wanted);
  if ((r->k == r->wanted) != (r->outcome <= SPEIG_CONVERGED) ||
      (r->k == 0 && r->wanted > 0) != (r->outcome == SPEIG_FAILED))
    COMPLAIN(&c, "%d pairs of %d with outcome %s", (int)r->k, (int)r->wanted,
             speig_outcome_name(r->outcome));
  check_set(&c, r);
  check_order(&c, r);
  if (!opts->values_only) {
    check_vectors(&c, r);
    if (opts->left)
      check_left(&c, r);
  }
  return c.count == 0;
}

void general_expect(const general_model *m, const speig_eigs_opts *opts)
{
  complaint c = { m, opts, 0 };
  speig_eigs_result *r = NULL;
  speig_status st = speig_eigs(m->op, m->op_b, opts, &r);
  if (st != SPEIG_OK) {
    COMPLAIN(&c, "%s: %s\n%s", speig_status_text(st), speig_last_error(), speig_last_error_trace());
    CU_FAIL("speig_eigs failed");
    return;
  }
  if (r->outcome > SPEIG_CONVERGED)
    COMPLAIN(&c, "%d of %d pairs, outcome %s, reason %s, %lld products", (int)r->k, (int)r->wanted,
             speig_outcome_name(r->outcome), speig_reason_name(r->reason), (long long)r->matvecs);
  CU_ASSERT_TRUE(general_is_right(m, opts, r) && c.count == 0);
  speig_eigs_result_free(&r);
}
