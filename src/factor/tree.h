/* tree.h: the plan of a multifrontal factorization and of the solves with its factors: supernodes
 * dealt out to bins of whole subtrees, which are independent of each other, and the top, which
 * joins them. Everything follows from the structure alone, never from the number of threads.
 *
 * Columns are numbered anew: bin after bin, the top last, within each in postorder. */
#ifndef SPEIG_SRC_FACTOR_TREE_H
#define SPEIG_SRC_FACTOR_TREE_H

#include "factor/symbolic.h"
#include "speig/matrix.h"

/* Where the Schur complement of a supernode waits for its parent: on one of two stacks of its bin,
 * in turns from level to level, so that a parent's is pushed while its children's are popped; at
 * the border between a bin and the top; or on one of two stacks of the top. */
enum tree_arena { ARENA_EVEN, ARENA_ODD, ARENA_BORDER, ARENA_TOP_EVEN, ARENA_TOP_ODD, TREE_ARENAS };

typedef struct tree {
  int64_t n;
  int32_t count, bins;
  int32_t *order; /* [n] row of the matrix at each place */
  int32_t *first; /* [count + 1] first column of each supernode */
  int64_t *row_at; /* [count + 1] */
  int32_t *row; /* rows below the own columns, ascending */
  int32_t *spot; /* where each of them is among the rows of the parent, its columns first */
  int32_t *parent; /* [count], -1: none */
  int32_t *child_at, *child; /* [count + 1], children of each supernode */
  int64_t *value_at; /* [count + 1] numbers before: rows x columns each */
  int32_t *bin_at; /* [bins + 1] first supernode of each bin; the top follows the last */
  int64_t *update_at; /* [count] numbers before in its arena */
  uint8_t *arena; /* [count] */
  int64_t room[TREE_ARENAS]; /* numbers; of a bin's arenas: the most that any bin needs */
  int64_t *entry_at; /* [count + 1] */
  int64_t *entry_from; /* entry of the matrix; ~e: its conjugate */
  int64_t *entry_to; /* number within the supernode; of a general matrix the entries above the
                        diagonal follow those below, transposed */
  int32_t tallest; /* rows of the tallest supernode */
  double flops;
} tree;

static inline int32_t tree_columns(const tree *T, int32_t s)
{
  return T->first[s + 1] - T->first[s];
}

/* Rows below the own columns. */
static inline int32_t tree_below(const tree *T, int32_t s)
{
  return (int32_t)(T->row_at[s + 1] - T->row_at[s]);
}

/* First column of the top. */
static inline int32_t tree_top(const tree *T)
{
  return T->first[T->bin_at[T->bins]];
}

/* A: the matrix that was analysed, or one of its structure; a Hermitian one is its lower triangle.
 * Errors: MEMORY. */
speig_status tree_plan(const symbolic_structure *found, const speig_matrix *A, int general,
                       tree *T);
void tree_free(tree *T);

#endif
