/* tree_lists.c: the structure to be analysed; links between supernodes, homes of Schur complements,
 * destinations of entries. */
#include "factor/tree_lists.h"

#include "base/error.h"
#include "base/memory.h"
#include "formats/matrix.h"

#include <stdlib.h>

static int ascending(const void *a, const void *b)
{
  int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;
  return (x > y) - (x < y);
}

/* Sorts the rows of a structure and drops what comes twice. */
static void tidy_rows(int64_t n, int64_t *at, int64_t *col)
{
  int64_t filled = 0;
  for (int64_t i = 0; i < n; ++i) {
    int64_t from = at[i], count = at[i + 1] - from, last = -1;
    qsort(col + from, (size_t)count, sizeof *col, ascending);
    at[i] = filled;
    for (int64_t k = from; k < from + count; ++k)
      if (col[k] != last)
        col[filled++] = last = col[k];
  }
  at[n] = filled;
}

speig_status tree_lower(const speig_matrix *A, int general, int64_t **at, int64_t **col)
{
  speig_status st = SPEIG_OK;
  int64_t n = A->rows, *next;
  TRY(MEM_ZARRAY(n + 2, "structure: rows", at));
  next = *at + 1;
  for (int64_t i = 0; i < n; ++i)
    for (int64_t e = A->rowptr[i]; e < A->rowptr[i + 1]; ++e)
      if (A->colind[e] <= i || general)
        ++next[(A->colind[e] <= i ? i : A->colind[e]) + 1];
  for (int64_t i = 0; i < n; ++i)
    next[i + 1] += next[i];
  TRY(MEM_ARRAY(next[n], "structure: columns", col));
  for (int64_t i = 0; i < n; ++i)
    for (int64_t e = A->rowptr[i]; e < A->rowptr[i + 1]; ++e) {
      int64_t j = A->colind[e];
      if (j <= i)
        (*col)[next[i]++] = j;
      else if (general)
        (*col)[next[j]++] = i;
    }
  if (general)
    tidy_rows(n, *at, *col);
done:
  return st;
}

static speig_status supernodes_of_columns(const tree *T, int32_t **of_column)
{
  speig_status st = SPEIG_OK;
  TRY(MEM_ARRAY(T->n, "supernodes of columns", of_column));
  for (int32_t s = 0; s < T->count; ++s)
    for (int32_t c = T->first[s]; c < T->first[s + 1]; ++c)
      (*of_column)[c] = s;
done:
  return st;
}

/* The rows of s are among those of its parent p; both lists ascend. */
static void find_spots(tree *T, int32_t s, int32_t p)
{
  int32_t columns = tree_columns(T, p);
  int64_t below = T->row_at[p];
  for (int64_t r = T->row_at[s]; r < T->row_at[s + 1]; ++r) {
    if (T->row[r] < T->first[p + 1]) {
      T->spot[r] = T->row[r] - T->first[p];
      continue;
    }
    while (T->row[below] < T->row[r])
      ++below;
    T->spot[r] = columns + (int32_t)(below - T->row_at[p]);
  }
}

speig_status tree_link(tree *T)
{
  speig_status st = SPEIG_OK;
  int32_t *of_column = NULL;
  TRY(supernodes_of_columns(T, &of_column));
  TRY(MEM_ARRAY(T->count, "tree: parents", &T->parent));
  TRY(MEM_ZARRAY((int64_t)T->count + 2, "tree: children", &T->child_at));
  TRY(MEM_ARRAY(T->count, "tree: children", &T->child));
  TRY(MEM_ARRAY(T->row_at[T->count], "supernodes: spots", &T->spot));
  for (int32_t s = 0; s < T->count; ++s) {
    T->parent[s] = tree_below(T, s) > 0 ? of_column[T->row[T->row_at[s]]] : -1;
    if (T->parent[s] < 0)
      continue;
    ++T->child_at[T->parent[s] + 2];
    find_spots(T, s, T->parent[s]);
  }
  for (int32_t s = 0; s < T->count; ++s)
    T->child_at[s + 2] += T->child_at[s + 1];
  for (int32_t s = 0; s < T->count; ++s)
    if (T->parent[s] >= 0)
      T->child[T->child_at[T->parent[s] + 1]++] = s;
done:
  mem_free(of_column);
  return st;
}

static int is_top(const tree *T, int32_t s)
{
  return s >= T->bin_at[T->bins];
}

/* Levels count from the root, so that a parent's stack is not that of its children. */
static void choose_arenas(tree *T)
{
  for (int32_t s = T->count - 1; s >= 0; --s) {
    int32_t p = T->parent[s];
    int odd = p >= 0 && (T->arena[p] == ARENA_EVEN || T->arena[p] == ARENA_TOP_EVEN ||
                         T->arena[p] == ARENA_BORDER);
    if (is_top(T, s))
      T->arena[s] = odd ? ARENA_TOP_ODD : ARENA_TOP_EVEN;
    else if (p >= 0 && is_top(T, p))
      T->arena[s] = ARENA_BORDER;
    else
      T->arena[s] = odd ? ARENA_ODD : ARENA_EVEN;
  }
}

speig_status tree_place_updates(tree *T)
{
  speig_status st = SPEIG_OK;
  int64_t used[TREE_ARENAS] = { 0 };
  int32_t bin = 0;
  TRY(MEM_ARRAY(T->count, "tree: updates", &T->update_at));
  TRY(MEM_ARRAY(T->count, "tree: arenas", &T->arena));
  choose_arenas(T);
  for (int32_t s = 0; s < T->count; ++s) {
    int64_t below = tree_below(T, s), *home = &used[T->arena[s]];
    while (bin < T->bins && s == T->bin_at[bin]) {
      used[ARENA_EVEN] = used[ARENA_ODD] = 0;
      ++bin;
    }
    T->update_at[s] = *home;
    *home += below * below;
    if (*home > T->room[T->arena[s]])
      T->room[T->arena[s]] = *home;
    for (int32_t c = T->child_at[s]; c < T->child_at[s + 1]; ++c) {
      int32_t child = T->child[c];
      if (T->arena[child] != ARENA_BORDER)
        used[T->arena[child]] -= (int64_t)tree_below(T, child) * tree_below(T, child);
    }
  }
done:
  return st;
}

/* ---- entries ---- */

typedef struct entries {
  const speig_matrix *A;
  int general;
  int32_t *place; /* [n] of each row in the order of elimination */
  int32_t *of_column; /* [n] supernode */
} entries;

/* Behind the last entry of row i that counts. */
static int64_t end_of(const entries *E, int64_t i)
{
  int64_t e = E->A->rowptr[i + 1];
  while (!E->general && e > E->A->rowptr[i] && E->A->colind[e - 1] > i)
    --e;
  return e;
}

static int32_t supernode_of(const entries *E, int64_t i, int64_t j)
{
  int32_t a = E->place[i], b = E->place[j];
  return E->of_column[a < b ? a : b];
}

/* Lists the entries by supernodes; entry_to is column, half and row for now. An entry that comes to
 * lie above the diagonal stands for its conjugate below, or, in general, goes to the second half.
 */
static void sort_entries(tree *T, const entries *E)
{
  const speig_matrix *A = E->A;
  for (int64_t i = 0; i < A->rows; ++i)
    for (int64_t e = A->rowptr[i], end = end_of(E, i); e < end; ++e)
      ++T->entry_at[supernode_of(E, i, A->colind[e]) + 2];
  for (int32_t s = 0; s < T->count; ++s)
    T->entry_at[s + 2] += T->entry_at[s + 1];
  for (int64_t i = 0; i < A->rows; ++i)
    for (int64_t e = A->rowptr[i], end = end_of(E, i); e < end; ++e) {
      int64_t a = E->place[i], b = E->place[A->colind[e]], above = a < b;
      int64_t at = T->entry_at[supernode_of(E, i, A->colind[e]) + 1]++;
      T->entry_from[at] = above && !E->general ? ~e : e;
      T->entry_to[at] =
          (above ? a : b) << 32 | (int64_t)(above && E->general) << 31 | (above ? b : a);
    }
}

/* From columns and rows to numbers within the supernode; spot: [n] work. */
static void settle_entries(tree *T, int32_t s, int32_t *spot)
{
  int64_t columns = tree_columns(T, s), rows = columns + tree_below(T, s);
  for (int64_t r = T->row_at[s]; r < T->row_at[s + 1]; ++r)
    spot[T->row[r]] = (int32_t)(columns + r - T->row_at[s]);
  for (int64_t e = T->entry_at[s]; e < T->entry_at[s + 1]; ++e) {
    int64_t column = T->entry_to[e] >> 32, row = T->entry_to[e] & INT32_MAX;
    int64_t half = T->entry_to[e] >> 31 & 1;
    int64_t down = row < T->first[s + 1] ? row - T->first[s] : spot[row];
    T->entry_to[e] = (half * columns + column - T->first[s]) * rows + down;
  }
}

speig_status tree_place_entries(tree *T, const speig_matrix *A, int general)
{
  speig_status st = SPEIG_OK;
  entries E = { .A = A, .general = general };
  int32_t *spot = NULL;
  int64_t total = 0;
  TRY(MEM_ARRAY(T->n, "places", &E.place));
  TRY(MEM_ARRAY(T->n, "places of rows", &spot));
  TRY(supernodes_of_columns(T, &E.of_column));
  for (int64_t c = 0; c < T->n; ++c)
    E.place[T->order[c]] = (int32_t)c;
  for (int64_t i = 0; i < A->rows; ++i)
    total += end_of(&E, i) - A->rowptr[i];
  TRY(MEM_ZARRAY((int64_t)T->count + 2, "entries of supernodes", &T->entry_at));
  TRY(MEM_ARRAY(total, "entries of supernodes", &T->entry_from));
  TRY(MEM_ARRAY(total, "entries of supernodes", &T->entry_to));
  sort_entries(T, &E);
  for (int32_t s = 0; s < T->count; ++s)
    settle_entries(T, s, spot);
done:
  mem_free(E.place);
  mem_free(E.of_column);
  mem_free(spot);
  return st;
}
