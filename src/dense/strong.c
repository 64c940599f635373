/* strong.c: the eigenvalues of a matrix that is reducible: in the order of the strongly connected
 * components of its graph (R. Tarjan, SIAM J. Comput. 1, 1972) it is block triangular, and has the
 * eigenvalues of the blocks on the diagonal. O(n^2) beside LAPACK's work on the blocks. */
#include "base/error.h"
#include "base/memory.h"
#include "dense/schur.h"

/* Nodes are columns; an edge leads from column j to every row i with a_ij not zero. */
typedef struct search {
  const small *A;
  int32_t *index; /* [n] when a node was met, from 1; 0: not yet */
  int32_t *low; /* [n] the earliest node on the stack that it leads to */
  int32_t *stack, *path,
      *next; /* nodes not yet in a block; the path of the search, rows looked at */
  int32_t *order, *first; /* nodes by blocks; first[count + 1] */
  int32_t met, top, depth, placed, count;
} search;

static speig_status search_open(const small *A, search *S)
{
  speig_status st = SPEIG_OK;
  int32_t n = A->rows;
  *S = (search){ .A = A };
  TRY(MEM_ZARRAY(n, "blocks", &S->index));
  TRY(MEM_ZARRAY(n, "blocks", &S->low));
  TRY(MEM_ZARRAY(n, "blocks", &S->stack));
  TRY(MEM_ZARRAY(n, "blocks", &S->path));
  TRY(MEM_ZARRAY(n, "blocks", &S->next));
  TRY(MEM_ZARRAY(n, "blocks", &S->order));
  TRY(MEM_ZARRAY((int64_t)n + 1, "blocks", &S->first));
done:
  return st;
}

static void search_close(search *S)
{
  mem_free(S->index);
  mem_free(S->low);
  mem_free(S->stack);
  mem_free(S->path);
  mem_free(S->next);
  mem_free(S->order);
  mem_free(S->first);
}

static int is_edge(const small *A, int32_t from, int32_t to)
{
  const double *a = A->data + (to + (int64_t)from * A->ld) * (A->is_complex ? 2 : 1);
  return a[0] != 0 || (A->is_complex && a[1] != 0);
}

static void enter(search *S, int32_t node)
{
  S->index[node] = S->low[node] = ++S->met;
  S->stack[S->top++] = node;
  S->path[S->depth++] = node;
}

/* The node has been looked at: a block is complete when it leads to no earlier one. A node in a
 * block is marked by a low of n + 1. */
static void leave(search *S, int32_t node)
{
  int32_t done = S->A->rows + 1;
  --S->depth;
  if (S->low[node] == S->index[node]) {
    int32_t member;
    do {
      member = S->stack[--S->top];
      S->low[member] = done;
      S->order[S->placed++] = member;
    } while (member != node);
    S->first[++S->count] = S->placed;
  }
  if (S->depth > 0 && S->low[node] < S->low[S->path[S->depth - 1]])
    S->low[S->path[S->depth - 1]] = S->low[node];
}

static void search_from(search *S, int32_t root)
{
  int32_t n = S->A->rows;
  enter(S, root);
  while (S->depth > 0) {
    int32_t node = S->path[S->depth - 1], row = S->next[node]++;
    if (row == n)
      leave(S, node);
    else if (!is_edge(S->A, node, row))
      continue;
    else if (S->index[row] == 0)
      enter(S, row);
    else if (S->low[row] <= n && S->index[row] < S->low[node])
      S->low[node] = S->index[row];
  }
}

/* M = A(nodes, nodes) */
static void gather(const small *A, const int32_t *node, small *M)
{
  int64_t parts = A->is_complex ? 2 : 1;
  for (int32_t j = 0; j < M->cols; ++j)
    for (int32_t i = 0; i < M->rows; ++i)
      for (int64_t part = 0; part < parts; ++part)
        M->data[parts * (i + (int64_t)j * M->ld) + part] =
            A->data[parts * (node[i] + (int64_t)node[j] * A->ld) + part];
}

static speig_status block_values(const small *A, const int32_t *node, int32_t size, int balanced,
                                 eigenvalue *lambda)
{
  speig_status st = SPEIG_OK;
  small M = { 0 };
  TRY(small_alloc(size, size, A->is_complex, &M));
  gather(A, node, &M);
  TRY(general_eigen(&M, balanced, NULL, NULL, lambda));
done:
  small_free(&M);
  return st;
}

speig_status general_values(small *A, int balanced, eigenvalue *lambda)
{
  speig_status st = SPEIG_OK;
  search S = { 0 };
  TRY(search_open(A, &S));
  for (int32_t j = 0; j < A->rows; ++j)
    if (S.index[j] == 0)
      search_from(&S, j);
  if (S.count == 1) {
    TRY(general_eigen(A, balanced, NULL, NULL, lambda));
    goto done;
  }
  for (int32_t b = 0; b < S.count; ++b)
    TRY(block_values(A, S.order + S.first[b], S.first[b + 1] - S.first[b], balanced,
                     lambda + S.first[b]));
done:
  search_close(&S);
  return st;
}
