/* tree.c: from a supernodal structure to the plan of the work; see tree.h.
 *
 * Bins: from the roots down, a supernode whose subtree has more than its share of the work belongs
 * to the top; the subtrees below are dealt out, the heaviest first, to the lightest bin (Graham's
 * rule). Cost: a few sweeps over the lists of rows and the entries of the matrix. */
#include "factor/tree.h"

#include "base/error.h"
#include "base/memory.h"
#include "factor/tree_lists.h"
#include "formats/matrix.h"

#include <stdlib.h>

/* The structure as it was found, and what decides about the new order. */
typedef struct survey {
  const symbolic_structure *found;
  int32_t *of_column; /* [n] supernode */
  int32_t *parent; /* [count] */
  int32_t *head, *next; /* [count] children, ascending */
  double *weight; /* [count] of the subtree */
  int32_t *bin; /* [count] of pieces, else -1 */
  uint8_t *top; /* [count] */
  int32_t *list, *at; /* [count] pieces; work of the traversal */
  int32_t *sequence; /* [count] the new order */
  int32_t *renamed; /* [n] new number of a column */
} survey;

static speig_status open_survey(const symbolic_structure *found, survey *V)
{
  speig_status st = SPEIG_OK;
  int64_t n = found->n, count = found->count;
  *V = (survey){ .found = found };
  TRY(MEM_ARRAY(n, "supernodes of columns", &V->of_column));
  TRY(MEM_ARRAY(count, "tree: parents", &V->parent));
  TRY(MEM_ARRAY(count, "tree: children", &V->head));
  TRY(MEM_ARRAY(count, "tree: children", &V->next));
  TRY(MEM_ARRAY(count, "tree: weights", &V->weight));
  TRY(MEM_ARRAY(count, "tree: bins", &V->bin));
  TRY(MEM_ZARRAY(count, "tree: top", &V->top));
  TRY(MEM_ARRAY(count, "tree: subtrees", &V->list));
  TRY(MEM_ARRAY(count, "tree: traversal", &V->at));
  TRY(MEM_ARRAY(count, "tree: order", &V->sequence));
  TRY(MEM_ARRAY(n, "tree: columns", &V->renamed));
done:
  return st;
}

static void close_survey(survey *V)
{
  mem_free(V->of_column);
  mem_free(V->parent);
  mem_free(V->head);
  mem_free(V->next);
  mem_free(V->weight);
  mem_free(V->bin);
  mem_free(V->top);
  mem_free(V->list);
  mem_free(V->at);
  mem_free(V->sequence);
  mem_free(V->renamed);
}

/* Parents, lists of children, and the work of each subtree: its numbers, which solves read, and its
 * rows, which cost something by themselves. */
static void climb(survey *V)
{
  enum { PER_ROW = 8 };
  const symbolic_structure *F = V->found;
  for (int64_t s = 0; s < F->count; ++s) {
    double rows = (double)(F->row_at[s + 1] - F->row_at[s]);
    V->head[s] = -1;
    V->bin[s] = -1;
    V->weight[s] = rows * ((double)(F->first[s + 1] - F->first[s]) + PER_ROW);
    for (int64_t c = F->first[s]; c < F->first[s + 1]; ++c)
      V->of_column[c] = (int32_t)s;
  }
  for (int64_t s = F->count - 1; s >= 0; --s) {
    int64_t below = F->row_at[s] + F->first[s + 1] - F->first[s];
    V->parent[s] = below < F->row_at[s + 1] ? V->of_column[F->row[below]] : -1;
    if (V->parent[s] >= 0) {
      V->next[s] = V->head[V->parent[s]];
      V->head[V->parent[s]] = (int32_t)s;
    }
  }
  for (int64_t s = 0; s < F->count; ++s) /* children have smaller numbers */
    if (V->parent[s] >= 0)
      V->weight[V->parent[s]] += V->weight[s];
}

typedef struct piece {
  double weight;
  int32_t root;
} piece;

static int heavier(const void *a, const void *b)
{
  const piece *x = a, *y = b;
  if (x->weight != y->weight)
    return x->weight > y->weight ? -1 : 1;
  return x->root < y->root ? -1 : 1;
}

/* Chooses the top and deals out what is below it; returns the number of bins. */
static speig_status deal(survey *V, int32_t *bins)
{
  enum { BINS = 16, SHARES = 24, WORTH_SHARING = 10000 };
  speig_status st = SPEIG_OK;
  int64_t pieces = 0, count = V->found->count;
  double total = 0, load[BINS] = { 0 };
  piece *all = NULL;
  TRY(MEM_ARRAY(count, "tree: subtrees", &all));
  for (int64_t s = 0; s < count; ++s)
    total += V->parent[s] < 0 ? V->weight[s] : 0;
  for (int64_t s = count - 1; s >= 0; --s) {
    int hangs = V->parent[s] < 0 || V->top[V->parent[s]];
    V->top[s] = hangs && total > WORTH_SHARING && V->weight[s] > total / SHARES;
    if (hangs && !V->top[s])
      all[pieces++] = (piece){ V->weight[s], (int32_t)s };
  }
  qsort(all, (size_t)pieces, sizeof *all, heavier);
  *bins = pieces < BINS ? (int32_t)pieces : BINS;
  if (total <= WORTH_SHARING && *bins > 1)
    *bins = 1;
  for (int64_t i = 0; i < pieces; ++i) {
    int32_t lightest = 0;
    for (int32_t b = 1; b < *bins; ++b)
      if (load[b] < load[lightest])
        lightest = b;
    V->bin[all[i].root] = lightest;
    load[lightest] += all[i].weight;
  }
done:
  mem_free(all);
  return st;
}

/* The subtree of root in postorder, from place `filled` of the sequence on; of the top's supernodes
 * only when within_top. */
static int64_t traverse(survey *V, int32_t root, int within_top, int64_t filled)
{
  int64_t depth = 0;
  V->list[depth] = root;
  V->at[root] = V->head[root];
  while (depth >= 0) {
    int32_t s = V->list[depth], child = V->at[s];
    while (child >= 0 && within_top && !V->top[child])
      child = V->next[child];
    if (child < 0) {
      V->sequence[filled++] = s;
      --depth;
      continue;
    }
    V->at[s] = V->next[child];
    V->at[child] = V->head[child];
    V->list[++depth] = child;
  }
  return filled;
}

static speig_status order_supernodes(survey *V, tree *T)
{
  speig_status st = SPEIG_OK;
  int64_t count = V->found->count, filled = 0;
  TRY(deal(V, &T->bins));
  TRY(MEM_ARRAY(T->bins + 1, "bins", &T->bin_at));
  T->bin_at[0] = 0;
  for (int32_t b = 0; b < T->bins; ++b) {
    for (int64_t s = 0; s < count; ++s)
      if (V->bin[s] == b)
        filled = traverse(V, (int32_t)s, 0, filled);
    T->bin_at[b + 1] = (int32_t)filled;
  }
  for (int64_t s = 0; s < count; ++s)
    if (V->top[s] && V->parent[s] < 0)
      filled = traverse(V, (int32_t)s, 1, filled);
done:
  return st;
}

/* Columns, rows and numbers in the new order. */
static speig_status renumber(const survey *V, tree *T)
{
  speig_status st = SPEIG_OK;
  const symbolic_structure *F = V->found;
  int32_t place = 0;
  T->n = F->n;
  T->count = (int32_t)F->count;
  TRY(MEM_ARRAY(T->n, "order", &T->order));
  TRY(MEM_ARRAY((int64_t)T->count + 1, "supernodes: columns", &T->first));
  TRY(MEM_ARRAY((int64_t)T->count + 1, "supernodes: rows", &T->row_at));
  TRY(MEM_ARRAY((int64_t)T->count + 1, "supernodes: numbers", &T->value_at));
  T->first[0] = 0;
  T->row_at[0] = T->value_at[0] = 0;
  for (int32_t i = 0; i < T->count; ++i) {
    int32_t s = V->sequence[i];
    int64_t rows = F->row_at[s + 1] - F->row_at[s], columns = F->first[s + 1] - F->first[s];
    for (int64_t c = F->first[s]; c < F->first[s + 1]; ++c, ++place) {
      double height = (double)(rows - (c - F->first[s]));
      T->order[place] = (int32_t)F->order[c];
      V->renamed[c] = place;
      T->flops += height * height;
    }
    T->first[i + 1] = place;
    T->row_at[i + 1] = T->row_at[i] + rows - columns;
    T->value_at[i + 1] = T->value_at[i] + rows * columns;
    if (rows > T->tallest)
      T->tallest = (int32_t)rows;
  }
  TRY(MEM_ARRAY(T->row_at[T->count], "supernodes: rows", &T->row));
  for (int32_t i = 0; i < T->count; ++i) {
    int32_t s = V->sequence[i];
    int64_t from = F->row_at[s] + F->first[s + 1] - F->first[s];
    for (int64_t r = from; r < F->row_at[s + 1]; ++r)
      T->row[T->row_at[i] + r - from] = V->renamed[F->row[r]];
  }
done:
  return st;
}

speig_status tree_plan(const symbolic_structure *found, const speig_matrix *A, int general, tree *T)
{
  speig_status st = SPEIG_OK;
  survey V = { 0 };
  *T = (tree){ 0 };
  TRY(open_survey(found, &V));
  climb(&V);
  TRY(order_supernodes(&V, T));
  TRY(renumber(&V, T));
  TRY(tree_link(T));
  TRY(tree_place_updates(T));
  TRY(tree_place_entries(T, A, general));
done:
  close_survey(&V);
  return st;
}

void tree_free(tree *T)
{
  mem_free(T->order);
  mem_free(T->first);
  mem_free(T->row_at);
  mem_free(T->row);
  mem_free(T->spot);
  mem_free(T->parent);
  mem_free(T->child_at);
  mem_free(T->child);
  mem_free(T->value_at);
  mem_free(T->bin_at);
  mem_free(T->update_at);
  mem_free(T->arena);
  mem_free(T->entry_at);
  mem_free(T->entry_from);
  mem_free(T->entry_to);
  *T = (tree){ 0 };
}
