/* checkpoint.c: the legs of a solve, to and from a file. */
#include "solvers/checkpoint.h"

#include "base/clock.h"
#include "base/error.h"
#include "base/memory.h"

#include <stdio.h>
#include <string.h>

static const double DEFAULT_EVERY = 60; /* seconds */
enum { MOST_LEGS = 1 << 20, OPEN_END = -1 };

/* ---- the file ---- */

static speig_status archive_key(archive *a, leg_key *key)
{
  speig_status st = archive_bytes(a, "leg", key, sizeof *key);
  key->solver[sizeof key->solver - 1] = key->phase[sizeof key->phase - 1] = 0;
  return st;
}

/* What is there of a leg but its state. */
static speig_status archive_leg(archive *a, leg *l)
{
  speig_status st = SPEIG_OK;
  TRY(archive_key(a, &l->key));
  TRY(archive_int(a, "done", &l->is_done));
  TRY(archive_int32(a, "basis", &l->columns));
  TRY(archive_bytes(a, "products", l->counters, sizeof l->counters));
  TRY(archive_int64(a, "answer", &l->answer_bytes));
  if (a->is_loading) {
    TRY(archive_expect(a, "answer", l->answer_bytes, 0, a->end - state_at(a->in)));
    TRY(archive_expect(a, "basis", l->columns, 0, l->key.n < INT32_MAX ? l->key.n : INT32_MAX - 1));
    for (int i = 0; i < CHECKPOINT_COUNTERS; ++i)
      TRY(archive_expect(a, "products", l->counters[i], 0, INT64_MAX / 8));
    TRY(MEM_ARRAY(l->answer_bytes, "checkpoint", &l->answer));
  }
  TRY(archive_raw(a, l->answer, (size_t)l->answer_bytes));
  TRY(archive_int64(a, "state", &l->state_bytes));
done:
  return st;
}

static speig_status read_leg(archive *a, leg *l)
{
  speig_status st = SPEIG_OK;
  TRY(archive_leg(a, l));
  l->state_at = state_at(a->in);
  if (l->state_bytes == OPEN_END)
    l->state_bytes = a->end - l->state_at;
  TRY(archive_expect(a, "state", l->state_bytes, 0, a->end - l->state_at));
  TRY(state_seek(a->in, l->state_at + l->state_bytes));
done:
  return st;
}

static speig_status read_file(checkpoint *c, const char *path)
{
  speig_status st = SPEIG_OK;
  archive a = { .is_loading = 1 };
  int32_t count = 0;
  TRY(state_reader_open(path, 1, &c->source));
  a.in = c->source;
  a.end = state_size(c->source);
  TRY(archive_fingerprint(&a, &c->file_mark));
  TRY(archive_int32(&a, "legs", &count));
  TRY(archive_expect(&a, "legs", count, 0, MOST_LEGS));
  for (c->count = 0; c->count < count;) {
    TRY(mem_resize(c->count + 1, sizeof *c->legs, "checkpoint", (void **)&c->legs));
    c->legs[c->count++] = (leg){ .columns = 0 };
    TRY(read_leg(&a, &c->legs[c->count - 1]));
  }
  c->has_file = c->is_synced = 1;
  if (count > 0)
    c->products = c->legs[count - 1].counters[0] + c->legs[count - 1].counters[1];
done:
  return st;
}

/* The state of leg l: from the solver at work, or from the file that has it. */
static speig_status write_state(checkpoint *c, archive *a, const leg *l, int at_work)
{
  speig_status st = SPEIG_OK;
  if (at_work)
    TRY(c->fn(a, c->solver));
  else if (l->state_bytes > 0)
    TRY(state_copy(a->out, c->source, l->state_at, l->state_bytes));
done:
  return st;
}

static speig_status write_leg(checkpoint *c, archive *a, int32_t index, leg *where)
{
  speig_status st = SPEIG_OK;
  int at_work = c->fn && index == c->next - 1;
  *where = c->legs[index];
  if (at_work)
    where->state_bytes = OPEN_END; /* it is the last one */
  TRY(archive_leg(a, where));
  where->state_at = state_written(a->out);
  TRY(write_state(c, a, &c->legs[index], at_work));
  where->state_bytes = state_written(a->out) - where->state_at;
done:
  return st;
}

/* All legs up to the one at work. Places of states are those of the new file once it is there. */
static speig_status write_file(checkpoint *c)
{
  speig_status st = SPEIG_OK;
  archive a = { .order = c->order, .whole = c->whole };
  leg *where = NULL;
  state_reader *source = NULL;
  TRY(MEM_ZARRAY(c->next + 1, "checkpoint", &where));
  TRY(state_writer_open(c->path, &a.out));
  TRY(archive_fingerprint(&a, &c->mark));
  TRY(archive_int32(&a, "legs", &c->next));
  for (int32_t i = 0; i < c->next; ++i)
    TRY(write_leg(c, &a, i, &where[i]));
  TRY(state_commit(a.out));
  TRY(state_reader_open(c->path, 0, &source));
  state_reader_close(&c->source);
  c->source = source;
  for (int32_t i = 0; i < c->next; ++i) {
    c->legs[i].state_at = where[i].state_at;
    c->legs[i].state_bytes = where[i].state_bytes;
  }
  ++c->written;
done:
  state_writer_close(&a.out);
  archive_close(&a);
  mem_free(where);
  return st;
}

static void note_counters(checkpoint *c)
{
  leg *l = &c->legs[c->next - 1];
  for (int i = 0; i < CHECKPOINT_COUNTERS; ++i)
    l->counters[i] = c->counted[i] ? *c->counted[i] : 0;
}

/* A file that cannot be written costs the checkpoint, not the solve. */
static void save(checkpoint *c)
{
  if (write_file(c) != SPEIG_OK && !c->failure[0])
    (void)snprintf(c->failure, sizeof c->failure, "%s", speig_last_error());
  c->due = clock_seconds() + c->every;
}

/* ---- opening and closing ---- */

static speig_status try_path(checkpoint *c, const char *path)
{
  speig_status st = SPEIG_OK;
  state_writer *w = NULL;
  TRY(MEM_ARRAY((int64_t)strlen(path) + 1, "file name", &c->path));
  memcpy(c->path, path, strlen(path) + 1);
  TRY(state_writer_open(path, &w));
done:
  state_writer_close(&w);
  return st;
}

speig_status checkpoint_open(const char *path, double every, const char *resume, checkpoint **out)
{
  speig_status st = SPEIG_OK;
  checkpoint *c = NULL;
  *out = NULL;
  REQUIRE(every >= 0, "checkpoint_every is %g, at least 0 seconds needed", every);
  if (!path && !resume)
    return st;
  TRY(MEM_ZARRAY(1, "checkpoint", &c));
  c->every = every > 0 ? every : DEFAULT_EVERY;
  c->due = clock_seconds() + c->every;
  if (resume)
    TRY(read_file(c, resume));
  if (path)
    TRY(try_path(c, path));
  *out = c;
  c = NULL;
done:
  checkpoint_close(&c);
  return st;
}

speig_status checkpoint_identify(checkpoint *c, const fingerprint *mark)
{
  speig_status st = SPEIG_OK;
  c->mark = *mark;
  if (c->has_file)
    TRY(fingerprint_compare(state_path(c->source), &c->file_mark, mark));
done:
  return st;
}

static void drop_legs(checkpoint *c, int32_t from)
{
  for (int32_t i = from; i < c->count; ++i)
    mem_free(c->legs[i].answer);
  c->count = from < c->count ? from : c->count;
}

void checkpoint_close(checkpoint **c)
{
  if (!*c)
    return;
  drop_legs(*c, 0);
  mem_free((*c)->legs);
  state_reader_close(&(*c)->source);
  mem_free((*c)->path);
  mem_free(*c);
  *c = NULL;
}

/* ---- legs ---- */

/* A solve of the same kind, of which other pairs are wanted, or better ones. */
static int extends(const leg_key *file, const leg_key *here)
{
  return strcmp(file->solver, here->solver) == 0 && strcmp(file->phase, here->phase) == 0 &&
         file->n == here->n && file->which == here->which && file->y == here->y &&
         file->known == 0 && here->known == 0 && file->place == here->place;
}

static leg_entry judge(const checkpoint *c, const leg_key *key)
{
  const leg *l;
  if (!c->is_synced || c->next >= c->count)
    return LEG_NEW;
  l = &c->legs[c->next];
  if (memcmp(&l->key, key, sizeof *key) == 0)
    return l->is_done ? LEG_ANSWERED : l->state_bytes > 0 ? LEG_CONTINUES : LEG_NEW;
  return extends(&l->key, key) && l->state_bytes > 0 ? LEG_EXTENDS : LEG_NEW;
}

static speig_status begin_leg(checkpoint *c, const leg_key *key, leg_entry entry)
{
  speig_status st = SPEIG_OK;
  leg *l;
  if (entry != LEG_ANSWERED && entry != LEG_CONTINUES)
    c->is_synced = 0; /* from here on the legs are others */
  if (entry == LEG_NEW) {
    drop_legs(c, c->next);
    TRY(mem_resize(c->next + 1, sizeof *c->legs, "checkpoint", (void **)&c->legs));
    c->legs[c->next] = (leg){ .columns = 0 };
    c->count = c->next + 1;
  }
  l = &c->legs[c->next];
  if (entry == LEG_EXTENDS) {
    drop_legs(c, c->next + 1);
    mem_free(l->answer);
    l->answer = NULL;
    l->answer_bytes = 0;
    l->is_done = 0;
  }
  l->key = *key;
  ++c->next;
done:
  return st;
}

speig_status checkpoint_enter(checkpoint *c, const leg_key *key,
                              int64_t *const counted[CHECKPOINT_COUNTERS], leg_entry *entry)
{
  speig_status st = SPEIG_OK;
  *entry = LEG_NEW;
  if (!c || c->is_sealed)
    return st;
  *entry = judge(c, key);
  TRY(begin_leg(c, key, *entry));
  c->is_running = 1;
  c->order = NULL;
  c->whole = 0;
  for (int i = 0; i < CHECKPOINT_COUNTERS; ++i) {
    c->counted[i] = counted[i];
    if (*entry != LEG_NEW && counted[i])
      *counted[i] = c->legs[c->next - 1].counters[i];
  }
done:
  return st;
}

int32_t checkpoint_columns(const checkpoint *c)
{
  return c->legs[c->next - 1].columns;
}

void checkpoint_rows(checkpoint *c, const int32_t *order, int64_t whole)
{
  if (!c || !c->is_running)
    return;
  c->order = order;
  c->whole = whole;
}

speig_status checkpoint_answer(checkpoint *c, archive_fn *fn, void *what)
{
  speig_status st = SPEIG_OK;
  const leg *l = &c->legs[c->next - 1];
  archive a = { .is_loading = 1,
                .bytes = l->answer,
                .size = (size_t)l->answer_bytes,
                .order = c->order,
                .whole = c->whole };
  TRY(fn(&a, what));
  c->is_running = 0;
  c->resumed = SPEIG_RESUMED_STATE;
done:
  archive_close(&a);
  return st;
}

speig_status checkpoint_restore(checkpoint *c, archive_fn *fn, void *solver)
{
  speig_status st = SPEIG_OK;
  const leg *l = &c->legs[c->next - 1];
  archive a = { .is_loading = 1,
                .in = c->source,
                .end = l->state_at + l->state_bytes,
                .order = c->order,
                .whole = c->whole };
  c->resumed = SPEIG_RESUMED_STATE; /* the solver may know better */
  TRY(state_seek(c->source, l->state_at));
  TRY(fn(&a, solver));
done:
  archive_close(&a);
  return st;
}

void checkpoint_watch(checkpoint *c, archive_fn *fn, void *solver, const int32_t *columns)
{
  if (!c || !c->is_running)
    return;
  c->fn = fn;
  c->solver = solver;
  c->columns = columns;
}

/* The leg at work as it stands, to the file. */
static void save_at_work(checkpoint *c)
{
  note_counters(c);
  c->legs[c->next - 1].columns = *c->columns;
  save(c);
}

void checkpoint_offer(checkpoint *c)
{
  if (c && c->path && c->is_running && c->fn && clock_seconds() >= c->due)
    save_at_work(c);
}

/* Did a limit of the caller's end it, rather than one of the strategy's? */
static int was_cut_off(const checkpoint *c, speig_reason reason)
{
  int64_t products = c->counted[0] ? *c->counted[0] : 0;
  products += c->counted[1] ? *c->counted[1] : 0;
  return reason == SPEIG_STOP_TIME_LIMIT || reason == SPEIG_STOP_CANCELLED ||
         (reason == SPEIG_STOP_MAX_MATVECS && products >= c->allowed);
}

static speig_status keep_answer(checkpoint *c, archive_fn *fn, void *answer)
{
  speig_status st = SPEIG_OK;
  leg *l = &c->legs[c->next - 1];
  archive a = { .order = c->order, .whole = c->whole };
  TRY(fn(&a, answer));
  mem_free(l->answer); /* a leg that goes on where a file left it has one of no bytes */
  l->answer = a.bytes;
  l->answer_bytes = (int64_t)a.size;
  l->is_done = 1;
  a.bytes = NULL;
done:
  mem_free(a.bytes);
  archive_close(&a);
  return st;
}

/* A solve, as against a probe, may be asked for more one day: its state stays. */
static int keeps_state(const leg_key *key)
{
  return key->known == 0 && strcmp(key->phase, "solve") == 0;
}

speig_status checkpoint_leave(checkpoint *c, archive_fn *fn, void *answer, speig_reason reason)
{
  speig_status st = SPEIG_OK;
  if (!c || !c->is_running)
    return st;
  c->is_sealed = was_cut_off(c, reason);
  note_counters(c);
  if (!c->is_sealed)
    TRY(keep_answer(c, fn, answer));
  if (c->path && c->fn && (c->is_sealed || keeps_state(&c->legs[c->next - 1].key)))
    save_at_work(c);
done:
  c->is_running = 0;
  c->fn = NULL;
  return st;
}

void checkpoint_finish(checkpoint *c)
{
  if (c && c->path && !c->is_sealed && c->next > 0)
    save(c);
}
