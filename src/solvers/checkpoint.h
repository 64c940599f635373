/* checkpoint.h: a solve that can be cut off at any moment and gone on with.
 *
 * A solve is a row of legs: runs of a solver, one after the other, as the strategy calls for them
 * (a solve, a probe, another end). A checkpoint holds for each leg that is over what it returned,
 * and for the one at work what it is made of. Everything between the legs follows from their
 * answers and from the count of products alone. So a resumed solve goes through the same code: legs
 * that are over are answered from the file, the one that was at work goes on where it was, bit for
 * bit on the same device, and later ones run as ever.
 *
 * Asked for more pairs or a tighter tolerance, legs differ from those on file. The first one that
 * does goes on from the state of its counterpart, where that is a solve of the same kind, and what
 * followed is done anew.                                                                        */
#ifndef SPEIG_SRC_SOLVERS_CHECKPOINT_H
#define SPEIG_SRC_SOLVERS_CHECKPOINT_H

#include "solvers/archive.h"
#include "solvers/fingerprint.h"

enum { CHECKPOINT_COUNTERS = 6 };

/* What a leg is; compared byte for byte. */
typedef struct leg_key {
  char solver[16], phase[16];
  int64_t n;
  int32_t which, k, y, known; /* y: constraints; known: values that a probe knows */
  double tol, place; /* place: the shift in use, or 0 */
} leg_key;

typedef enum leg_entry {
  LEG_NEW = 0,
  LEG_ANSWERED, /* its answer is on file: checkpoint_answer */
  LEG_CONTINUES, /* its state is: checkpoint_restore */
  LEG_EXTENDS /* that of a leg with other k or tol is */
} leg_entry;

typedef struct leg {
  leg_key key;
  int is_done;
  int32_t columns; /* of the basis in its state */
  int64_t counters[CHECKPOINT_COUNTERS];
  unsigned char *answer; /* [answer_bytes] */
  int64_t answer_bytes;
  int64_t state_at, state_bytes; /* in the source; bytes 0: no state */
} leg;

typedef struct checkpoint {
  char *path; /* written to; NULL: nowhere */
  double every, due; /* seconds; clock_seconds() of the next one */
  state_reader *source; /* where the states of the legs are */
  fingerprint mark;
  int has_file; /* a file was read; its mark is in file_mark */
  fingerprint file_mark;
  int64_t products; /* made when it was written */
  int64_t allowed; /* products that the caller allows, those before included */
  leg *legs;
  int32_t count, next; /* next: the leg that comes */
  int is_synced; /* so far all legs were those on file */
  int is_sealed; /* the run was cut off: nothing more is taken up */
  int is_running; /* leg next - 1 is at work: */
  archive_fn *fn;
  void *solver;
  const int32_t *columns;
  const int32_t *order;
  int64_t whole;
  int64_t *counted[CHECKPOINT_COUNTERS]; /* the first two count towards the limit */
  int32_t written; /* files so far */
  speig_resumed resumed;
  char failure[256]; /* why the first file that could not be written was not */
} checkpoint;

/* *out NULL where neither is wished for. Reads and checks the file to be resumed from, all but the
 * problem it belongs to; tries whether path can be written. Errors: ARG, IO, FORMAT, MEMORY. */
speig_status checkpoint_open(const char *path, double every, const char *resume, checkpoint **out);
/* Whether the file belongs to this problem, and what the next ones will say. Errors: ARG: what
 * differs, both named. */
speig_status checkpoint_identify(checkpoint *c, const fingerprint *mark);
void checkpoint_close(checkpoint **c);

/* For solvers; c may be NULL, which makes every leg a new one and does nothing.
 * enter: what to do; `counted` are the counters that belong to the leg, set from the file where it
 * is not new. NULL pointers among them are passed over. */
speig_status checkpoint_enter(checkpoint *c, const leg_key *key,
                              int64_t *const counted[CHECKPOINT_COUNTERS], leg_entry *entry);
/* Columns of the basis that the leg on file goes on with. */
int32_t checkpoint_columns(const checkpoint *c);
/* Rows on file of blocks whose rows are in another order, for the leg just entered. */
void checkpoint_rows(checkpoint *c, const int32_t *order, int64_t whole);
speig_status checkpoint_answer(checkpoint *c, archive_fn *fn, void *what);
speig_status checkpoint_restore(checkpoint *c, archive_fn *fn, void *solver);
/* From now on the solver can be saved. */
void checkpoint_watch(checkpoint *c, archive_fn *fn, void *solver, const int32_t *columns);
/* Between two steps: writes when it is time to. Never fails: see `failure`. */
void checkpoint_offer(checkpoint *c);
/* The leg is over, with an answer that fn knows how to keep; one that a limit of the caller's ended
 * is not over, but seals the checkpoint. Errors: MEMORY. */
speig_status checkpoint_leave(checkpoint *c, archive_fn *fn, void *answer, speig_reason reason);
/* The solve is over. */
void checkpoint_finish(checkpoint *c);

#endif
