/* test_huge.c: blocks and matrices with more than 2^31 numbers, in little memory: of a block with a
 * long leading dimension only the columns are touched; the arrays of a matrix are one small file,
 * mapped again and again (which the system counts each time as resident, though it is there once).
 * And plans for sizes that no machine has. SPEIG_TEST_LONG: products with such a matrix on every
 * device of the host. */
#define _GNU_SOURCE /* MAP_NORESERVE */
#include "blocks.h"
#include "harness.h"

#include "base/dtype.h"
#include "base/memory.h"
#include "speig/speig.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

static const int64_t LIMIT = INT64_C(1) << 31;

/* ---- memory that is only touched in places ---- */

typedef struct range {
  void *at; /* NULL: the system has none to give */
  size_t bytes;
} range;

static range range_of(int64_t count, size_t size)
{
  range r = { NULL, (size_t)count * size };
  r.at = mmap(NULL, r.bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE,
              -1, 0);
  if (r.at == MAP_FAILED)
    r.at = NULL;
  return r;
}

static void range_drop(range *r)
{
  if (r->at)
    (void)munmap(r->at, r->bytes);
  r->at = NULL;
}

/* ---- blocks whose last column begins beyond 2^31 ---- */

enum { N = 301, P = 5, ROOM = 6 };

/* One operation on blocks X, Y (N x P) and C (P x P), with numbers for the host. */
typedef struct operands {
  speig_context *ctx;
  const speig_matrix *A; /* N x N */
  speig_block X, Y, C;
  double numbers[2 * P];
} operands;

static const double factor[2] = { -0.75, 0 }, one[2] = { 1, 0 }, zero[2] = { 0, 0 };
static const float factor_s[2] = { -0.75F, 0 }, one_s[2] = { 1, 0 }, zero_s[2] = { 0, 0 };

static const void *scalar(const operands *o, const double *wide, const float *narrow)
{
  return dtype_is_single(o->X.dtype) ? (const void *)narrow : wide;
}
#define FACTOR scalar(o, factor, factor_s)
#define ONE scalar(o, one, one_s)
#define ZERO scalar(o, zero, zero_s)

static speig_status do_copy(operands *o)
{
  return speig_copy(o->ctx, &o->X, &o->Y);
}

static speig_status do_axpy(operands *o)
{
  return speig_axpy(o->ctx, FACTOR, &o->X, &o->Y);
}

static speig_status do_scale(operands *o)
{
  return speig_scale(o->ctx, FACTOR, &o->Y);
}

static speig_status do_sum(operands *o)
{
  return speig_sum(o->ctx, &o->X, o->numbers);
}

static speig_status do_dot(operands *o)
{
  return speig_dot(o->ctx, &o->X, &o->Y, o->numbers);
}

static speig_status do_norm(operands *o)
{
  return speig_norm(o->ctx, &o->Y, o->numbers);
}

static speig_status do_gram(operands *o)
{
  return speig_gram(o->ctx, ONE, &o->X, &o->Y, ZERO, &o->C);
}

static speig_status do_gemm(operands *o)
{
  return speig_gemm(o->ctx, FACTOR, &o->X, &o->C, ONE, &o->Y);
}

static speig_status do_product(operands *o)
{
  return speig_spmv(o->ctx, FACTOR, o->A, &o->X, ONE, &o->Y);
}

/* In this order, each with what those before have left. */
static const struct {
  const char *name;
  speig_status (*run)(operands *o);
} operations[] = { { "copy", do_copy },   { "product", do_product }, { "axpy", do_axpy },
                   { "dot", do_dot },     { "gram", do_gram },       { "gemm", do_gemm },
                   { "scale", do_scale }, { "sum", do_sum },         { "norm", do_norm } };

/* The same numbers, whatever the leading dimensions are. */
static int are_same(const speig_block *X, const speig_block *Y)
{
  const size_t size = speig_dtype_size(X->dtype);
  for (int64_t j = 0; j < X->cols; ++j)
    if (memcmp((const char *)X->data + (size_t)(j * X->ld) * size,
               (const char *)Y->data + (size_t)(j * Y->ld) * size, (size_t)X->rows * size) != 0)
      return 0;
  return 1;
}

/* X, Y, C and the numbers of both are equal after each operation. */
static void compare_operations(operands *far, operands *near)
{
  for (size_t i = 0; i < sizeof operations / sizeof *operations; ++i) {
    CHECK_OK(operations[i].run(far));
    CHECK_OK(operations[i].run(near));
    const int fine = are_same(&far->X, &near->X) && are_same(&far->Y, &near->Y) &&
                     are_same(&far->C, &near->C) &&
                     memcmp(far->numbers, near->numbers, sizeof far->numbers) == 0;
    if (!fine)
      fprintf(stderr, "\n  %s: other numbers beyond 2^31", operations[i].name);
    CU_ASSERT_TRUE(fine);
  }
}

static speig_block block_in(const range *r, speig_dtype dtype, int64_t rows, int64_t ld)
{
  return (speig_block){ dtype, rows, P, ld, r->at, SPEIG_HOST };
}

static void far_columns_on(const test_case *tc, speig_device device)
{
  const size_t size = speig_dtype_size(tc->dtype);
  const int64_t ld[3] = { LIMIT / (P - 1) + 13, LIMIT / (P - 1) + 64, LIMIT / (P - 1) + 1 };
  operands far = { .ctx = NULL }, near = { .ctx = NULL };
  range room[3];
  speig_block *const there[3] = { &far.X, &far.Y, &far.C }, *const here[3] = { &near.X, &near.Y,
                                                                               &near.C };
  speig_matrix *A = matrix_random(tc->dtype, SCATTERED, N, N);
  CHECK_OK(speig_context_create(device, 1, &far.ctx));
  near.ctx = far.ctx;
  far.A = near.A = A;
  int fits = 1;
  for (int i = 0; i < 3; ++i) {
    const int64_t rows = i < 2 ? N : P;
    room[i] = range_of((P - 1) * ld[i] + rows, size);
    *there[i] = block_in(&room[i], tc->dtype, rows, ld[i]);
    CHECK_OK(speig_block_alloc(tc->dtype, rows, P, here[i]));
    fits = fits && room[i].at;
  }
  for (int i = 0; fits && i < 3; ++i) {
    CHECK_OK(speig_fill_random(far.ctx, (uint64_t)i + 1, there[i]));
    CHECK_OK(speig_fill_random(far.ctx, (uint64_t)i + 1, here[i]));
  }
  if (fits)
    compare_operations(&far, &near);
  else
    harness_skip("the system has not the addresses");
  for (int i = 0; i < 3; ++i) {
    range_drop(&room[i]);
    speig_block_free(here[i]);
  }
  speig_matrix_destroy(&A);
  speig_context_destroy(&far.ctx);
}

static void columns_beyond_two_billion(const test_case *tc)
{
  if (harness_under_valgrind()) {
    harness_skip("valgrind has not the addresses");
    return;
  }
  far_columns_on(tc, SPEIG_REFERENCE);
  far_columns_on(tc, SPEIG_HOST);
}
TEST_ALL_TYPES(columns_beyond_two_billion)

/* ---- a basis of more than 2^31 numbers ---- */

/* First and last column of one block, as a solver has it; what lies between is never touched. */
static void wide_basis_on(speig_device device)
{
  const int64_t n = 1 << 18;
  const int32_t p = (int32_t)(LIMIT / n) + 3;
  backend *be = NULL;
  range room = range_of(n * p, sizeof(float));
  multivec V = { NULL, n, p, n, room.at }, first, last;
  double norms[2], left, h[1];
  const double minus = -1;
  small H = { 1, 1, 1, 0, h, NULL };
  if (!room.at) {
    harness_skip("the system has not the addresses");
    return;
  }
  CHECK_OK(backend_open(device, SPEIG_S, 1, &be));
  V.be = be;
  first = mv_columns(&V, 0, 1);
  last = mv_columns(&V, p - 1, 1);
  CU_ASSERT_TRUE((const char *)last.data - (const char *)first.data >= 4 * LIMIT);
  CHECK_OK(mv_fill_random(3, &first));
  CHECK_OK(mv_fill_random(3, &last));
  CHECK_OK(mv_norms(&first, &norms[0]));
  CHECK_OK(mv_norms(&last, &norms[1]));
  CHECK_OK(mv_gram(&first, &last, &H));
  CU_ASSERT_TRUE(norms[0] > 0.5 * sqrt((double)n / 3));
  CU_ASSERT_EQUAL(norms[0], norms[1]);
  CU_ASSERT_DOUBLE_EQUAL(h[0], norms[0] * norms[1], 1e-5 * h[0]);
  CHECK_OK(mv_axpy(&minus, &first, &last));
  CHECK_OK(mv_norms(&last, &left));
  CU_ASSERT_EQUAL(left, 0);
  backend_close(&be);
  range_drop(&room);
}

static void wide_bases(void)
{
  if (harness_under_valgrind()) {
    harness_skip("valgrind has not the addresses");
    return;
  }
  wide_basis_on(SPEIG_REFERENCE);
  wide_basis_on(SPEIG_HOST);
}

/* ---- a matrix of more than 2^31 entries ---- */

/* Rows come again every PERIOD: so many of them lie in a file, which is mapped REPEATS times. */
enum { COLS = 1 << 16, PERIOD = 16, REPEATS = 2049, ROWS = PERIOD * REPEATS };
static const size_t FILE_BYTES = (size_t)PERIOD * COLS * sizeof(float);

typedef struct giant {
  FILE *file[2];
  range array[2]; /* columns and values; at NULL: the system has not the addresses */
  int64_t *rowptr;
} giant;

static float value_at(int row, int col)
{
  return (float)((row % PERIOD * 7 + col % 1021) % 97 - 48) / 64;
}

static void fill_file(FILE *file, int of_values)
{
  for (int row = 0; row < PERIOD; ++row)
    for (int32_t col = 0; col < COLS; ++col) {
      const float value = value_at(row, col);
      CU_ASSERT_EQUAL_FATAL(fwrite(of_values ? (const void *)&value : &col, sizeof value, 1, file),
                            1);
    }
  CU_ASSERT_EQUAL(fflush(file), 0);
}

/* The file, again and again in consecutive addresses. */
static range map_often(FILE *file)
{
  range r = range_of(REPEATS, FILE_BYTES);
  for (size_t i = 0; r.at && i < REPEATS; ++i)
    if (mmap((char *)r.at + i * FILE_BYTES, FILE_BYTES, PROT_READ, MAP_SHARED | MAP_FIXED,
             fileno(file), 0) == MAP_FAILED)
      range_drop(&r);
  return r;
}

static giant giant_make(void)
{
  giant g = { { NULL, NULL }, { { NULL, 0 }, { NULL, 0 } }, NULL };
  g.rowptr = malloc((ROWS + 1) * sizeof *g.rowptr);
  CU_ASSERT_PTR_NOT_NULL_FATAL(g.rowptr);
  for (int64_t i = 0; i <= ROWS; ++i)
    g.rowptr[i] = i * COLS;
  for (int part = 0; part < 2; ++part) {
    g.file[part] = tmpfile();
    CU_ASSERT_PTR_NOT_NULL_FATAL(g.file[part]);
    fill_file(g.file[part], part);
    g.array[part] = map_often(g.file[part]);
  }
  return g;
}

static void giant_drop(giant *g)
{
  for (int part = 0; part < 2; ++part) {
    range_drop(&g->array[part]);
    (void)fclose(g->file[part]);
  }
  free(g->rowptr);
}

/* All rows of y, in double precision. */
static void check_product(const float *x, const float *y)
{
  double right[PERIOD], size[PERIOD], worst = 0;
  for (int row = 0; row < PERIOD; ++row) {
    right[row] = size[row] = 0;
    for (int col = 0; col < COLS; ++col) {
      right[row] += (double)value_at(row, col) * x[col];
      size[row] += fabs((double)value_at(row, col) * x[col]);
    }
  }
  for (int row = 0; row < ROWS; ++row)
    worst = fmax(worst, fabs(y[row] - right[row % PERIOD]) / size[row % PERIOD]);
  CU_ASSERT_TRUE(worst < 1e-5);
}

static void multiply(const speig_matrix *A, speig_device device)
{
  speig_context *ctx = NULL;
  speig_block X = { 0 }, Y = { 0 };
  CHECK_OK(speig_context_create(device, 0, &ctx));
  CHECK_OK(speig_block_alloc(SPEIG_S, COLS, 1, &X));
  CHECK_OK(speig_block_alloc(SPEIG_S, ROWS, 1, &Y));
  CHECK_OK(speig_fill_random(ctx, 5, &X));
  CHECK_OK(speig_spmv(ctx, one_s, A, &X, zero_s, &Y));
  check_product(X.data, Y.data);
  speig_block_free(&X);
  speig_block_free(&Y);
  speig_context_destroy(&ctx);
}

static void entries_beyond_two_billion(void)
{
  speig_matrix *A = NULL;
  giant g = giant_make();
  if (!g.array[0].at || !g.array[1].at || harness_under_valgrind()) {
    harness_skip("the system has not the addresses");
    giant_drop(&g);
    return;
  }
  CHECK_OK(speig_matrix_create_csr(SPEIG_S, ROWS, COLS, g.rowptr, g.array[0].at, g.array[1].at,
                                   SPEIG_BORROW, &A));
  CU_ASSERT_EQUAL(speig_matrix_get_info(A).nnz, (int64_t)ROWS * COLS);
  CU_ASSERT_TRUE(speig_matrix_get_info(A).nnz > LIMIT);
  multiply(A, SPEIG_HOST);
  if (getenv("SPEIG_TEST_LONG"))
    multiply(A, SPEIG_REFERENCE);
  speig_matrix_destroy(&A);
  giant_drop(&g);
}

/* ---- plans ---- */

static int never_called(void *user, const speig_block *X, speig_block *Y)
{
  (void)X;
  (void)Y;
  *(int *)user += 1;
  return 1;
}

/* The message names what is needed and what there is. */
static void expect_refused(speig_status st, size_t needed, size_t given)
{
  char words[64];
  CU_ASSERT_EQUAL(st, SPEIG_ERR_MEMORY);
  (void)snprintf(words, sizeof words, "%zu", given);
  const int fine = strstr(speig_last_error(), words) != NULL;
  if (!fine)
    fprintf(stderr, "\n  %zu of %zu: %s", given, needed, speig_last_error());
  CU_ASSERT_TRUE(fine);
}

/* At least the basis, and not more than a few of them. */
static void expect_basis(size_t planned, double n, double columns, size_t size)
{
  const double basis = n * columns * (double)size;
  if (!((double)planned >= basis && (double)planned <= 8 * basis))
    fprintf(stderr, "\n  planned %zu, the basis takes %.0f", planned, basis);
  CU_ASSERT_TRUE((double)planned >= basis && (double)planned <= 8 * basis);
}

enum { BUDGET = 1 << 28 };

static void plan_hermitian(const test_case *tc, speig_operator *op, int64_t n, int32_t k)
{
  static const speig_method methods[] = { SPEIG_LANCZOS, SPEIG_LOBPCG };
  for (int i = 0; i < 2; ++i) {
    speig_eigsh_opts o = SPEIG_EIGSH_OPTS_INIT;
    speig_eigsh_plan plan = { .memory_bytes = 0 };
    speig_eigsh_result *r = NULL;
    o.k = k;
    o.method = methods[i];
    o.which = SPEIG_LA;
    o.device = SPEIG_HOST;
    CHECK_OK(speig_eigsh_make_plan(op, NULL, &o, &plan));
    expect_basis(plan.memory_bytes, (double)n, i == 0 ? plan.ncv : 3 * (k + 4),
                 speig_dtype_size(tc->dtype));
    o.memory = BUDGET;
    expect_refused(speig_eigsh(op, NULL, &o, &r), plan.memory_bytes, BUDGET);
    CU_ASSERT_PTR_NULL(r);
  }
}

static void plan_general(const test_case *tc, speig_operator *op, int64_t n, int32_t k)
{
  speig_eigs_opts o = SPEIG_EIGS_OPTS_INIT;
  speig_eigs_plan plan = { .memory_bytes = 0 };
  speig_eigs_result *r = NULL;
  o.k = k;
  o.device = SPEIG_HOST;
  CHECK_OK(speig_eigs_make_plan(op, NULL, &o, &plan));
  expect_basis(plan.memory_bytes, (double)n, plan.ncv, speig_dtype_size(tc->dtype));
  o.memory = BUDGET;
  expect_refused(speig_eigs(op, NULL, &o, &r), plan.memory_bytes, BUDGET);
  CU_ASSERT_PTR_NULL(r);
}

static void plan_singular(const test_case *tc, speig_operator *op, int64_t n, int32_t k)
{
  speig_svds_opts o = SPEIG_SVDS_OPTS_INIT;
  speig_svds_plan plan = { .memory_bytes = 0 };
  speig_svds_result *r = NULL;
  o.k = k;
  o.device = SPEIG_HOST;
  CHECK_OK(speig_svds_make_plan(op, &o, &plan));
  expect_basis(plan.memory_bytes, (double)n, 2 * plan.ncv, speig_dtype_size(tc->dtype));
  o.memory = BUDGET;
  expect_refused(speig_svds(op, &o, &r), plan.memory_bytes, BUDGET);
  CU_ASSERT_PTR_NULL(r);
}

/* n k from a little above 2^31 to the most that there is. */
static void plans_beyond_two_billion(const test_case *tc)
{
  static const struct {
    int64_t n;
    int32_t k;
  } sizes[] = { { 1 << 27, 17 }, { INT64_C(2000000000), 2 }, { INT32_MAX, 500 } };
  for (size_t i = 0; i < sizeof sizes / sizeof *sizes; ++i) {
    const int64_t n = sizes[i].n;
    const int32_t k = sizes[i].k;
    speig_operator *op = NULL;
    int calls = 0;
    CU_ASSERT_TRUE(n * k > LIMIT);
    CHECK_OK(speig_operator_create_rectangular(tc->dtype, n, n, never_called, never_called, &calls,
                                               &op));
    plan_hermitian(tc, op, n, k);
    plan_general(tc, op, n, k);
    plan_singular(tc, op, n, k);
    CU_ASSERT_EQUAL(calls, 0);
    speig_operator_destroy(&op);
  }
}
TEST_ALL_TYPES(plans_beyond_two_billion)

/* ---- a file that says so ---- */

static void declared_entries_beyond_two_billion(void)
{
  static const char text[] = "%%MatrixMarket matrix coordinate real general\n"
                             "100000 100000 3000000000\n1 1 1\n2 2 2\n";
  speig_matrix *A = NULL;
  CU_ASSERT_EQUAL(speig_mm_read_memory("giant.mtx", text, sizeof text - 1, 1, NULL, &A),
                  SPEIG_ERR_FORMAT);
  CU_ASSERT_PTR_NOT_NULL(
      strstr(speig_last_error(), "ends after 2 entries, but 3000000000 are declared"));
}

int main(void)
{
  CU_pSuite suite;
  harness_start();
  suite = harness_suite("huge");
  ADD_ALL_CASES(suite, columns_beyond_two_billion);
  ADD_CASE(suite, wide_bases);
  ADD_CASE(suite, entries_beyond_two_billion);
  ADD_ALL_CASES(suite, plans_beyond_two_billion);
  ADD_CASE(suite, declared_entries_beyond_two_billion);
  return harness_finish("huge");
}
