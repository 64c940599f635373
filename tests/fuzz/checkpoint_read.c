/* checkpoint_read.c: any bytes as a checkpoint that a solve is to go on from. The first byte says
 * of which solve and type; the second how the rest is taken: 0, as the file; 1, as its payload,
 * with head, size and checksum put round it; 2, as changes to the payload of a true one, which is
 * made here, so that seeds stay good when the format changes: place (2 bytes, little-endian), what
 * and how many (1 byte: 0xx overwrite, 10 insert, 11 remove), and the bytes themselves. A file may
 * bring a wrong answer, but the pairs that come back keep their promises: residuals are those of
 * plain loops, and within tol. One that was not changed is gone on from.               */
#define _XOPEN_SOURCE 700 /* mkdtemp */
#include "target.h"

#include "base/memory.h"
#include "formats/state_file.h"

#include <speig/speig.h>

#include <complex.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { N = 24, K = 3, NCV = 10, LONGEST = 1 << 16, HEAD = 16, TAIL = 16 };

typedef enum call { EIGSH, EIGS, SVDS } call;

typedef struct subject {
  call call;
  speig_method method;
  int which, has_sigma;
  double sigma;
} subject;

static const subject subjects[] = {
  { EIGSH, SPEIG_LANCZOS, SPEIG_LA, 0, 0 },    { EIGSH, SPEIG_LOBPCG, SPEIG_SA, 0, 0 },
  { EIGSH, SPEIG_LANCZOS, SPEIG_LM, 1, 3 },    { EIGS, SPEIG_KRYLOV_SCHUR, SPEIG_EIGS_LR, 0, 0 },
  { SVDS, SPEIG_GOLUB_KAHAN, SPEIG_LM, 0, 0 },
};
enum { SUBJECTS = sizeof subjects / sizeof *subjects, TYPES = 4 };

typedef struct bytes {
  size_t size;
  uint8_t at[LONGEST];
} bytes;

static struct {
  FILE *file; /* NULL: nothing was made yet */
  char path[600];
  size_t taken; /* bytes that the operators hold */
  uint8_t head[HEAD];
  speig_operator *A[2][TYPES]; /* symmetric or not */
  bytes made[SUBJECTS][TYPES]; /* true checkpoints; size 0: none could be made */
} all;

/* ---- the problem: tridiagonal ---- */

static double entry(int is_general, int row, int col)
{
  return row == col ? 2 + row * 0.125 : row > col ? -1 : is_general ? 1.5 : -1;
}

static speig_operator *make_operator(int is_general, speig_dtype dtype)
{
  int64_t rowptr[N + 1] = { 0 };
  int32_t colind[3 * N];
  double wide[6 * N] = { 0 };
  float narrow[6 * N] = { 0 };
  const int parts = dtype >= SPEIG_C ? 2 : 1;
  const void *values = dtype == SPEIG_S || dtype == SPEIG_C ? (void *)narrow : (void *)wide;
  speig_matrix *A = NULL;
  speig_operator *op = NULL;
  int64_t e = 0;
  for (int row = 0; row < N; ++row) {
    for (int col = row > 0 ? row - 1 : 0; col <= row + 1 && col < N; ++col, ++e) {
      colind[e] = col;
      wide[parts * e] = entry(is_general, row, col);
      narrow[parts * e] = (float)wide[parts * e];
    }
    rowptr[row + 1] = e;
  }
  if (speig_matrix_create_csr(dtype, N, N, rowptr, colind, values, SPEIG_COPY, &A) ||
      speig_operator_from_matrix(A, &op))
    abort();
  return op; /* the matrix stays as long as the program */
}

static double complex at(const speig_block *X, int64_t i, int32_t j)
{
  const int64_t place = i + X->ld * j;
  switch (X->dtype) {
  case SPEIG_S:
    return (double)((const float *)X->data)[place];
  case SPEIG_D:
    return ((const double *)X->data)[place];
  case SPEIG_C:
    return (double complex)((const float complex *)X->data)[place];
  default:
    return ((const double complex *)X->data)[place];
  }
}

/* ||A x - value y||, A or its transpose, by plain loops. */
static double residual_of(int is_general, int transposed, const speig_block *X,
                          const speig_block *Y, int32_t j, double complex value)
{
  double sum = 0;
  for (int row = 0; row < N; ++row) {
    double complex r = -value * at(Y, row, j);
    for (int col = row > 0 ? row - 1 : 0; col <= row + 1 && col < N; ++col)
      r += (transposed ? entry(is_general, col, row) : entry(is_general, row, col)) * at(X, col, j);
    sum += creal(r) * creal(r) + cimag(r) * cimag(r);
  }
  return sqrt(sum);
}

/* Told within rounding, and kept within tol (of the norm that the file may have made up). */
static void check_pair(speig_dtype dtype, double told, double found, double relative, double tol)
{
  const double eps = dtype == SPEIG_S || dtype == SPEIG_C ? 0x1p-23 : 0x1p-52;
  if (!(fabs(told - found) <= 1000 * eps * (1 + found)) || !(relative <= tol))
    abort();
}

/* ---- solving ---- */

#define FILL(o)                                                                                    \
  do {                                                                                             \
    (o).k = K;                                                                                     \
    (o).ncv = s->method == SPEIG_LOBPCG ? 0 : NCV;                                                 \
    (o).method = s->method;                                                                        \
    (o).device = SPEIG_HOST;                                                                       \
    (o).max_matvecs = limit;                                                                       \
    (o).time_limit = 1;                                                                            \
    (o).threads = 1;                                                                               \
    (o).checkpoint = save;                                                                         \
    (o).resume = resume;                                                                           \
  } while (0)

static speig_status solve_eigsh(const subject *s, speig_dtype dtype, int64_t limit,
                                const char *save, const char *resume, speig_resumed *resumed)
{
  speig_eigsh_opts o = SPEIG_EIGSH_OPTS_INIT;
  speig_eigsh_result *r = NULL;
  FILL(o);
  o.which = (speig_which)s->which;
  o.has_sigma = s->has_sigma;
  o.sigma = s->sigma;
  speig_status st = speig_eigsh(all.A[0][dtype], NULL, &o, &r);
  if ((st == SPEIG_OK) != (r != NULL))
    abort();
  for (int32_t j = 0; r && j < r->k; ++j)
    check_pair(dtype, r->residuals[j], residual_of(0, 0, &r->vectors, &r->vectors, j, r->values[j]),
               r->relative_residuals[j], r->tol);
  *resumed = r ? r->resumed : SPEIG_RESUMED_NONE;
  speig_eigsh_result_free(&r);
  return st;
}

static speig_status solve_eigs(const subject *s, speig_dtype dtype, int64_t limit, const char *save,
                               const char *resume, speig_resumed *resumed)
{
  speig_eigs_opts o = SPEIG_EIGS_OPTS_INIT;
  speig_eigs_result *r = NULL;
  FILL(o);
  o.which = (speig_eigs_which)s->which;
  speig_status st = speig_eigs(all.A[1][dtype], NULL, &o, &r);
  if ((st == SPEIG_OK) != (r != NULL))
    abort();
  for (int32_t j = 0; r && j < r->k; ++j)
    check_pair(
        dtype, r->residuals[j],
        residual_of(1, 0, &r->vectors, &r->vectors, j, r->values[2 * j] + r->values[2 * j + 1] * I),
        r->relative_residuals[j], r->tol);
  *resumed = r ? r->resumed : SPEIG_RESUMED_NONE;
  speig_eigs_result_free(&r);
  return st;
}

static speig_status solve_svds(const subject *s, speig_dtype dtype, int64_t limit, const char *save,
                               const char *resume, speig_resumed *resumed)
{
  speig_svds_opts o = SPEIG_SVDS_OPTS_INIT;
  speig_svds_result *r = NULL;
  FILL(o);
  o.which = (speig_which)s->which;
  speig_status st = speig_svds(all.A[1][dtype], &o, &r);
  if ((st == SPEIG_OK) != (r != NULL))
    abort();
  for (int32_t j = 0; r && j < r->k; ++j) {
    check_pair(dtype, r->residuals[j], residual_of(1, 0, &r->right, &r->left, j, r->values[j]),
               r->relative_residuals[j], r->tol);
    check_pair(dtype, r->adjoint_residuals[j],
               residual_of(1, 1, &r->left, &r->right, j, r->values[j]), r->relative_residuals[j],
               r->tol);
  }
  *resumed = r ? r->resumed : SPEIG_RESUMED_NONE;
  speig_svds_result_free(&r);
  return st;
}

static speig_status solve(const subject *s, speig_dtype dtype, int64_t limit, const char *save,
                          const char *resume, speig_resumed *resumed)
{
  return s->call == EIGSH  ? solve_eigsh(s, dtype, limit, save, resume, resumed)
         : s->call == EIGS ? solve_eigs(s, dtype, limit, save, resume, resumed)
                           : solve_svds(s, dtype, limit, save, resume, resumed);
}

/* ---- files ---- */

static void slurp(const char *path, bytes *payload)
{
  static uint8_t file[LONGEST];
  FILE *in = fopen(path, "rb");
  const size_t size = in ? fread(file, 1, sizeof file, in) : 0;
  if (!in || size <= HEAD + TAIL || size == sizeof file || fclose(in) != 0)
    abort();
  memcpy(all.head, file, HEAD);
  payload->size = size - HEAD - TAIL;
  memcpy(payload->at, file + HEAD, payload->size);
}

static void spill(const uint8_t *what, size_t size)
{
  const int fd = fileno(all.file);
  if (ftruncate(fd, 0) != 0 || pwrite(fd, what, size, 0) != (ssize_t)size)
    abort();
}

/* With head, size and checksum (formats/state_file.h) round it. */
static void spill_payload(const bytes *payload)
{
  static uint8_t file[LONGEST + HEAD + TAIL];
  uint8_t *tail = file + HEAD + payload->size;
  const uint64_t size = payload->size + HEAD + TAIL;
  memcpy(file, all.head, HEAD);
  memcpy(file + HEAD, payload->at, payload->size);
  memcpy(tail, &size, sizeof size);
  const uint32_t sum = state_checksum(0, file, HEAD + payload->size + sizeof size);
  memcpy(tail + 8, &sum, sizeof sum);
  memcpy(tail + 12, "END\n", 4);
  spill(file, (size_t)size);
}

/* ---- changes ---- */

/* Bytes [place, place + gone) give way to others. */
static void splice(bytes *b, size_t place, size_t gone, const uint8_t *with, size_t count)
{
  if (b->size - gone + count > LONGEST)
    return;
  memmove(b->at + place + count, b->at + place + gone, b->size - place - gone);
  memcpy(b->at + place, with, count);
  b->size += count - gone;
}

static void change(bytes *b, const uint8_t *how, size_t size)
{
  while (size >= 3) {
    const size_t place = (how[0] | (size_t)how[1] << 8) % (b->size + 1);
    const int kind = how[2] >> 6;
    size_t count = how[2] & 63, rest = b->size - place;
    how += 3;
    size -= 3;
    if (kind == 3) {
      splice(b, place, count < rest ? count : rest, how, 0);
      continue;
    }
    count = count < size ? count : size;
    splice(b, place, kind == 2 ? 0 : count < rest ? count : rest, how, count);
    how += count;
    size -= count;
  }
}

/* ---- beginning ---- */

/* A solve that a limit cuts off. */
static void make(const subject *s, speig_dtype dtype, bytes *made)
{
  enum { PRODUCTS = 16 };
  speig_resumed resumed;
  if (solve(s, dtype, PRODUCTS, all.path, NULL, &resumed) == SPEIG_OK)
    slurp(all.path, made);
  (void)unlink(all.path);
}

static void begin(void)
{
  const char *base = getenv("TMPDIR");
  char folder[512];
  (void)snprintf(folder, sizeof folder, "%s/speig-fuzz-XXXXXX", base ? base : "/tmp");
  all.file = tmpfile();
  if (!all.file || !mkdtemp(folder))
    abort();
  (void)snprintf(all.path, sizeof all.path, "%s/a.ck", folder);
  for (int type = 0; type < TYPES; ++type) {
    all.A[0][type] = make_operator(0, (speig_dtype)type);
    all.A[1][type] = make_operator(1, (speig_dtype)type);
    for (int i = 0; i < SUBJECTS; ++i)
      make(&subjects[i], (speig_dtype)type, &all.made[i][type]);
  }
  (void)rmdir(folder);
  (void)snprintf(all.path, sizeof all.path, "/dev/fd/%d", fileno(all.file));
  all.taken = mem_account_read().current;
}

int LLVMFuzzerTestOneInput(const uint8_t *input, size_t size)
{
  static bytes payload;
  speig_resumed resumed;
  if (!all.file)
    begin();
  if (size < 2 || size > LONGEST / 2)
    return 0;
  const int which = input[0] % SUBJECTS, type = input[0] / SUBJECTS % TYPES;
  const bytes *made = &all.made[which][type];
  if (input[1] % 3 == 0) {
    spill(input + 2, size - 2);
  } else if (input[1] % 3 == 1) {
    payload.size = size - 2;
    memcpy(payload.at, input + 2, payload.size);
    spill_payload(&payload);
  } else if (made->size > 0) {
    payload = *made;
    change(&payload, input + 2, size - 2);
    spill_payload(&payload);
  } else {
    return 0;
  }
  const speig_status st = solve(&subjects[which], (speig_dtype)type, 80, NULL, all.path, &resumed);
  if (input[1] % 3 == 2 && size == 2 && (st != SPEIG_OK || resumed != SPEIG_RESUMED_STATE))
    abort(); /* a true one */
  if (st != SPEIG_OK && !strstr(speig_last_error(), input[1] % 3 == 2 ? "" : all.path))
    abort(); /* refused by name */
  if (mem_account_read().current != all.taken)
    abort();
  return 0;
}
