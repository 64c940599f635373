/* supernodal.c: multifrontal A = L S L^H or L S U and the solves with it, shared by threads.
 *
 * Method: Duff and Reid, ACM Trans. Math. Softw. 9 (1983), on the supernodes that an analysis
 * found, without pivoting. Each bin of subtrees (tree.h) is one thread's; the top follows. In a
 * solve the bins' contributions to the top are kept apart and added in order, so the bits do not
 * depend on the threads. The kernels are those of front.h.
 * Cost: flops of the analysis; memory for L and for the stacks of Schur complements; a solve reads
 * L twice for up to 8 columns. */
#include "factor/supernodal.h"

#include "base/cpu.h"
#include "base/dtype.h"
#include "base/error.h"
#include "base/memory.h"
#include "base/module.h"
#include "base/threads.h"
#include "factor/front.h"
#include "factor/tree_lists.h"
#include "formats/matrix.h"

#include <math.h>
#include <omp.h>
#include <stdio.h>
#include <string.h>

struct supernodal {
  front_factors F;
  const front_kernels *kernels;
  speig_dtype dtype;
  supernodal_facts facts;
  const char *ordering; /* the module's, which stays */
  int panel_width, panel_threads; /* that the arrays below are made for */
  void *panel; /* n x width */
  void *above; /* for each bin: rows of the top x width */
  void *work; /* for each thread: tallest x width */
};

static size_t scalar_size(const supernodal *S)
{
  return speig_dtype_size(S->dtype);
}

/* ---- analysis ---- */

static speig_status open_module(const symbolic_provider **by)
{
  speig_status st = SPEIG_OK;
  const void *table = NULL;
  TRY(module_open("cholmod", "speig_cholmod_module_get", SYMBOLIC_ABI, &table));
  *by = table;
done:
  return st;
}

speig_status supernodal_available(void)
{
  const symbolic_provider *by;
  return open_module(&by);
}

static double arena_numbers(const tree *T, int threads)
{
  double own = (double)T->room[ARENA_EVEN] + (double)T->room[ARENA_ODD];
  return threads * own + (double)T->room[ARENA_BORDER] + (double)T->room[ARENA_TOP_EVEN] +
         (double)T->room[ARENA_TOP_ODD];
}

static void fill_facts(supernodal *S, const symbolic_provider *by)
{
  const tree *T = &S->F.T;
  double numbers = S->F.halves * (double)T->value_at[T->count];
  double waiting = S->F.halves * arena_numbers(T, threads_resolve(0));
  S->facts = (supernodal_facts){ .provider = by->name,
                                 .ordering = S->ordering,
                                 .flops = S->F.halves * T->flops,
                                 .entries = numbers };
  S->facts.bytes = (size_t)((numbers + waiting) * (double)scalar_size(S));
}

/* What CHOLMOD, AMD and METIS take on the way, beside what they return: 5 to 30 bytes per entry
 * and 200 for each row were seen, on grids of two and three dimensions. */
static size_t ordering_bytes(const speig_matrix *A)
{
  return 32 * (size_t)A->nnz + 64 * (size_t)A->rows;
}

speig_status supernodal_analyse(const speig_matrix *A, int general, supernodal **out)
{
  speig_status st = SPEIG_OK;
  const symbolic_provider *by = NULL;
  symbolic_structure found = { 0 };
  symbolic_code code;
  char text[SYMBOLIC_TEXT] = "";
  int64_t *at = NULL, *col = NULL;
  supernodal *S = NULL;
  *out = NULL;
  TRY(open_module(&by));
  TRY(MEM_ZARRAY(1, "factors", &S));
  S->dtype = A->dtype;
  S->F.halves = general ? 2 : 1;
  S->kernels = front_choose(A->dtype, cpu_level());
  TRY(tree_lower(A, general, &at, &col));
  TRY(mem_claim(ordering_bytes(A), "ordering of the unknowns"));
  code = by->analyse(A->rows, at, col, &found, text);
  mem_unclaim(ordering_bytes(A));
  if (code != SYMBOLIC_OK)
    FAIL(code == SYMBOLIC_MEMORY ? SPEIG_ERR_MEMORY : SPEIG_ERR_NUMERIC, "factorization: %s", text);
  S->ordering = found.ordering;
  TRY(tree_plan(&found, A, general, &S->F.T));
  fill_facts(S, by);
  *out = S;
  S = NULL;
done:
  if (found.owner)
    by->release(&found);
  mem_free(at);
  mem_free(col);
  supernodal_destroy(&S);
  return st;
}

supernodal_facts supernodal_get_facts(const supernodal *S)
{
  return S->facts;
}

void supernodal_set_level(supernodal *S, int level)
{
  S->kernels = front_choose(S->dtype, level < cpu_level() ? level : cpu_level());
}

/* ---- numbers ---- */

typedef struct stacks {
  void *all[TREE_ARENAS]; /* those of bins once for each thread */
} stacks;

static speig_status open_numbers(supernodal *S, int threads, stacks *K)
{
  speig_status st = SPEIG_OK;
  const tree *T = &S->F.T;
  size_t size = scalar_size(S) * (size_t)S->F.halves;
  size_t held = S->F.values ? (size_t)T->value_at[T->count] * size : 0;
  *K = (stacks){ { NULL } };
  /* Refused as a whole, with the numbers, before any of it is taken. */
  TRY(mem_claim(S->facts.bytes - held, "the factorization"));
  mem_unclaim(S->facts.bytes - held);
  if (!S->F.values) {
    TRY(mem_alloc(T->value_at[T->count], size, "the factorization", &S->F.values));
    mem_huge_pages(S->F.values, (size_t)T->value_at[T->count] * size);
    TRY(mem_alloc(T->n, speig_dtype_size(dtype_real(S->dtype)), "pivots", &S->F.inverse));
    TRY(MEM_ARRAY(T->n, "signs of pivots", &S->F.sign));
  }
  for (int a = 0; a < TREE_ARENAS; ++a) {
    int64_t copies = a == ARENA_EVEN || a == ARENA_ODD ? threads : 1;
    TRY(mem_alloc(copies * T->room[a], size, "the factorization's stacks", &K->all[a]));
    mem_huge_pages(K->all[a], (size_t)(copies * T->room[a]) * size);
  }
done:
  return st;
}

static void close_stacks(stacks *K)
{
  for (int a = 0; a < TREE_ARENAS; ++a)
    mem_free(K->all[a]);
}

/* One bin; the first bad pivot's column, or -1. */
static int32_t factor_bin(const supernodal *S, int32_t bin, const void *values, const stacks *K)
{
  const tree *T = &S->F.T;
  size_t size = scalar_size(S) * (size_t)S->F.halves;
  void *arena[TREE_ARENAS];
  int32_t bad = -1;
  memcpy(arena, K->all, sizeof arena);
  for (int a = ARENA_EVEN; a <= ARENA_ODD; ++a)
    arena[a] = (char *)arena[a] + (size_t)omp_get_thread_num() * (size_t)T->room[a] * size;
  for (int32_t s = T->bin_at[bin]; s < T->bin_at[bin + 1] && bad < 0; ++s)
    bad = S->kernels->factor(&S->F, s, values, arena, 1);
  return bad;
}

static int32_t factor_all(const supernodal *S, const void *values, const stacks *K, int threads)
{
  const tree *T = &S->F.T;
  int32_t bad = -1;
#pragma omp parallel for schedule(dynamic, 1) num_threads(threads) reduction(max : bad)
  for (int32_t b = 0; b < T->bins; ++b) {
    int32_t here = factor_bin(S, b, values, K);
    bad = here > bad ? here : bad;
  }
  for (int32_t s = T->bin_at[T->bins]; s < T->count && bad < 0; ++s)
    bad = S->kernels->factor(&S->F, s, values, K->all, threads);
  return bad;
}

/* What rounding may have done: where all pivots are positive the rows of L have the size of A's
 * diagonal; otherwise they may be larger. */
static speig_status weigh_growth(supernodal *S, const speig_matrix *A)
{
  speig_status st = SPEIG_OK;
  const tree *T = &S->F.T;
  speig_matrix_stats stats;
  double *sums = NULL, largest = 0;
  S->facts.growth = 1;
  if (S->facts.negative == 0 && S->F.halves == 1)
    return st;
  TRY(speig_matrix_get_stats(A, &stats));
  TRY(MEM_ZARRAY(T->n, "sizes of rows", &sums));
  for (int32_t s = 0; s < T->count; ++s)
    S->kernels->row_sums(&S->F, s, sums);
  for (int64_t i = 0; i < T->n; ++i)
    largest = !(sums[i] <= largest) ? sums[i] : largest;
  S->facts.norm = stats.norm_inf;
  S->facts.growth = largest / stats.norm_inf;
done:
  mem_free(sums);
  return st;
}

speig_status supernodal_compute(supernodal *S, const speig_matrix *A, int threads, int64_t *pivot)
{
  speig_status st = SPEIG_OK;
  int team = S->F.T.value_at[S->F.T.count] < 1 << 15 ? 1 : threads;
  int32_t bad = -1;
  stacks K;
  *pivot = -1;
  TRY(open_numbers(S, team, &K));
  threads_blas_enter();
  bad = factor_all(S, A->values, &K, team);
  threads_blas_leave();
  S->facts.negative = 0;
  if (bad >= 0) {
    *pivot = S->F.T.order[bad];
    goto done;
  }
  for (int64_t j = 0; j < S->F.T.n; ++j)
    S->facts.negative += S->F.sign[j] < 0;
  TRY(weigh_growth(S, A));
done:
  close_stacks(&K);
  return st;
}

/* ---- solves ---- */

static int64_t top_rows(const tree *T)
{
  return T->n - tree_top(T);
}

static speig_status make_panels(supernodal *S, int width, int threads)
{
  speig_status st = SPEIG_OK;
  const tree *T = &S->F.T;
  size_t size = scalar_size(S);
  if (width <= S->panel_width && threads <= S->panel_threads)
    return st;
  width = width > S->panel_width ? width : S->panel_width;
  threads = threads > S->panel_threads ? threads : S->panel_threads;
  mem_free(S->panel);
  mem_free(S->above);
  mem_free(S->work);
  S->panel = S->above = S->work = NULL;
  S->panel_width = S->panel_threads = 0;
  TRY(mem_alloc(T->n * width, size, "right-hand sides", &S->panel));
  TRY(mem_alloc(T->bins * top_rows(T) * width, size, "right-hand sides", &S->above));
  TRY(mem_alloc((int64_t)threads * T->tallest * width, size, "right-hand sides", &S->work));
  S->panel_width = width;
  S->panel_threads = threads;
done:
  return st;
}

typedef struct sides { /* columns of the caller's */
  const void *R;
  void *X;
  int64_t ldr, ldx;
} sides;

/* The part of the top: what the bins contribute, both sweeps. */
static void solve_top(const supernodal *S, const sides *b, int width, int p, void *work)
{
  const tree *T = &S->F.T;
  const front_kernels *k = S->kernels;
  int32_t top = tree_top(T), first = T->bin_at[T->bins];
  size_t size = scalar_size(S) * (size_t)width;
  char *rows = (char *)S->panel + (size_t)top * size;
  k->gather(&S->F, top, (int32_t)T->n, width, p, b->ldr, b->R, S->panel);
  for (int32_t i = 0; i < T->bins; ++i)
    k->add(top_rows(T) * width, (char *)S->above + (size_t)i * (size_t)top_rows(T) * size, rows);
  k->down(&S->F, first, T->count, width, S->panel, top, rows, work);
  k->up(&S->F, first, T->count, width, S->panel, work);
  k->scatter(&S->F, top, (int32_t)T->n, width, p, b->ldx, S->panel, b->X);
}

static void solve_panel(const supernodal *S, const sides *b, int width, int p, int threads)
{
  const tree *T = &S->F.T;
  const front_kernels *k = S->kernels;
  int32_t top = tree_top(T);
  size_t size = scalar_size(S) * (size_t)width, above = (size_t)top_rows(T) * size;
#pragma omp parallel num_threads(threads)
  {
    char *work = (char *)S->work + (size_t)omp_get_thread_num() * (size_t)T->tallest * size;
#pragma omp for schedule(dynamic, 1)
    for (int32_t i = 0; i < T->bins; ++i) {
      int32_t from = T->bin_at[i], to = T->bin_at[i + 1];
      char *own = (char *)S->above + (size_t)i * above;
      memset(own, 0, above);
      k->gather(&S->F, T->first[from], T->first[to], width, p, b->ldr, b->R, S->panel);
      k->down(&S->F, from, to, width, S->panel, top, own, work);
    }
#pragma omp single
    solve_top(S, b, width, p, work);
#pragma omp for schedule(dynamic, 1)
    for (int32_t i = 0; i < T->bins; ++i) {
      int32_t from = T->bin_at[i], to = T->bin_at[i + 1];
      k->up(&S->F, from, to, width, S->panel, work);
      k->scatter(&S->F, T->first[from], T->first[to], width, p, b->ldx, S->panel, b->X);
    }
  }
}

speig_status supernodal_solve(supernodal *S, int transposed, int32_t p, int64_t ldr, const void *R,
                              int64_t ldx, void *X, int threads)
{
  speig_status st = SPEIG_OK;
  int second = S->F.halves - 1;
  int widest = S->kernels->widest;
  int team = S->F.T.value_at[S->F.T.count] < 1 << 15 ? 1 : threads;
  S->F.down_half = transposed ? second : 0;
  S->F.up_half = transposed ? 0 : second;
  for (int32_t done = 0; done < p; done += widest) {
    int some = p - done < widest ? p - done : widest, width = 1;
    sides part;
    while (width < some)
      width *= 2;
    TRY(make_panels(S, width, team));
    part = (sides){ .R = (const char *)R + (size_t)(done * ldr) * scalar_size(S),
                    .X = (char *)X + (size_t)(done * ldx) * scalar_size(S),
                    .ldr = ldr,
                    .ldx = ldx };
    solve_panel(S, &part, width, some, team);
  }
done:
  return st;
}

void supernodal_destroy(supernodal **S)
{
  if (!*S)
    return;
  tree_free(&(*S)->F.T);
  mem_free((*S)->F.values);
  mem_free((*S)->F.inverse);
  mem_free((*S)->F.sign);
  mem_free((*S)->panel);
  mem_free((*S)->above);
  mem_free((*S)->work);
  mem_free(*S);
  *S = NULL;
}
