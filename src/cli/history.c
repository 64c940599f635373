/* history.c: records of progress, few enough to keep. */
#include "history.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static void record_free(history_record *record)
{
  free(record->residuals);
}

/* Every second record goes; the newest of each pair stays, so that the last one is kept. */
static void thin(history *h)
{
  int64_t kept = 0;
  for (int64_t i = 0; i < h->count; ++i)
    if (i % 2 == 0)
      record_free(&h->records[i]);
    else
      h->records[kept++] = h->records[i];
  h->count = kept;
  h->stride *= 2;
}

static int keep_last(history *h, const speig_progress *p)
{
  const size_t count = (size_t)(p->wanted > 0 ? p->wanted : 0);
  if (!p->values || !p->residuals)
    return CLI_OK;
  if (p->wanted > h->last_count) {
    double *values = realloc(h->last_values, 2 * count * sizeof *values);
    if (!values)
      return CLI_MEMORY;
    h->last_values = values;
    double *residuals = realloc(h->last_residuals, count * sizeof *residuals);
    if (!residuals)
      return CLI_MEMORY;
    h->last_residuals = residuals;
  }
  h->last_count = p->wanted;
  h->has_imaginary = p->imaginary != NULL;
  for (size_t i = 0; i < count; ++i) {
    h->last_values[2 * i] = p->values[i];
    h->last_values[2 * i + 1] = p->imaginary ? p->imaginary[i] : 0;
    h->last_residuals[i] = p->residuals[i];
  }
  return CLI_OK;
}

static int make_room(history *h)
{
  if (h->count < h->room)
    return CLI_OK;
  int64_t room = 2 * h->room + 64;
  history_record *larger = realloc(h->records, (size_t)room * sizeof *larger);
  if (!larger)
    return CLI_MEMORY;
  h->records = larger;
  h->room = room;
  return CLI_OK;
}

int history_add(history *h, const speig_progress *p)
{
  int code = CLI_OK;
  if (h->stride == 0)
    h->stride = 1;
  /* A probe looks at other values than those wanted. */
  if (strcmp(p->phase, "solve") == 0)
    CLI_TRY(keep_last(h, p));
  /* The latest record takes the place of one that is not to be kept. */
  if (h->seen++ % h->stride != 0 && h->count > 0 &&
      strcmp(h->records[h->count - 1].phase, p->phase) == 0)
    record_free(&h->records[--h->count]);
  else if (h->count == HISTORY_MOST)
    thin(h);
  CLI_TRY(make_room(h));
  history_record record = { .iteration = p->iteration,
                            .matvecs = p->matvecs,
                            .seconds = p->seconds,
                            .norm = p->norm,
                            .tol = p->tol,
                            .wanted = p->residuals && p->wanted > 0 ? p->wanted : 0,
                            .converged = p->converged };
  (void)snprintf(record.phase, sizeof record.phase, "%s", p->phase);
  (void)snprintf(record.method, sizeof record.method, "%s", p->method);
  record.residuals = malloc(((size_t)record.wanted + 1) * sizeof *record.residuals);
  if (!record.residuals)
    return CLI_MEMORY;
  for (int32_t i = 0; i < record.wanted; ++i)
    record.residuals[i] = p->residuals[i];
  h->records[h->count++] = record;
  h->wanted = record.wanted > h->wanted ? record.wanted : h->wanted;
done:
  return code;
}

void history_free(history *h)
{
  for (int64_t i = 0; i < h->count; ++i)
    record_free(&h->records[i]);
  free(h->records);
  free(h->last_values);
  free(h->last_residuals);
  *h = (history){ .count = 0 };
}
