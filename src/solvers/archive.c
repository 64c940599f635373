/* archive.c: items with names, to and from files and memory. */
#include "solvers/archive.h"

#include "base/error.h"
#include "base/memory.h"

#include <inttypes.h>
#include <string.h>

static const char *source(const archive *a)
{
  return a->in ? state_path(a->in) : "in memory";
}

static speig_status grow(archive *a, size_t size)
{
  speig_status st = SPEIG_OK;
  size_t room = a->room;
  if (size <= a->room - a->size)
    return st;
  while (room < a->size + size)
    room = 2 * room + 1024;
  TRY(mem_resize((int64_t)room, 1, "checkpoint", (void **)&a->bytes));
  a->room = room;
done:
  return st;
}

speig_status archive_raw(archive *a, void *data, size_t size)
{
  speig_status st = SPEIG_OK;
  if (size == 0)
    goto done; /* data may be NULL */
  if (!a->is_loading && a->out) {
    TRY(state_put(a->out, data, size));
  } else if (!a->is_loading) {
    TRY(grow(a, size));
    memcpy(a->bytes + a->size, data, size);
    a->size += size;
  } else if (a->in) {
    if ((uint64_t)size > (uint64_t)(a->end - state_at(a->in)))
      FAIL(SPEIG_ERR_FORMAT, "the checkpoint %s contradicts itself: a part of it ends early",
           source(a));
    TRY(state_get(a->in, data, size));
  } else {
    if (size > a->size - a->at)
      FAIL(SPEIG_ERR_FORMAT, "the checkpoint contradicts itself: a part of it ends early");
    memcpy(data, a->bytes + a->at, size);
    a->at += size;
  }
done:
  return st;
}

speig_status archive_bytes(archive *a, const char *name, void *data, size_t size)
{
  speig_status st = SPEIG_OK;
  uint64_t head[2] = { state_checksum(0, name, strlen(name)), size }, found[2];
  memcpy(found, head, sizeof found);
  TRY(archive_raw(a, found, sizeof found));
  if (found[0] != head[0] || found[1] != head[1])
    FAIL(SPEIG_ERR_FORMAT,
         "the checkpoint %s contradicts itself: %zu bytes of \"%s\" are needed, found %" PRIu64
         " bytes%s",
         source(a), size, name, found[1], found[0] != head[0] ? " of something else" : "");
  TRY(archive_raw(a, data, size));
done:
  return st;
}

speig_status archive_int(archive *a, const char *name, int *value)
{
  return archive_bytes(a, name, value, sizeof *value);
}

speig_status archive_int32(archive *a, const char *name, int32_t *value)
{
  return archive_bytes(a, name, value, sizeof *value);
}

speig_status archive_int64(archive *a, const char *name, int64_t *value)
{
  return archive_bytes(a, name, value, sizeof *value);
}

speig_status archive_uint64(archive *a, const char *name, uint64_t *value)
{
  return archive_bytes(a, name, value, sizeof *value);
}

speig_status archive_real(archive *a, const char *name, double *value)
{
  return archive_bytes(a, name, value, sizeof *value);
}

speig_status archive_reals(archive *a, const char *name, int64_t count, double *values)
{
  return archive_bytes(a, name, values, (size_t)count * sizeof *values);
}

speig_status archive_small(archive *a, const char *name, const small *view)
{
  speig_status st = SPEIG_OK;
  int32_t shape[3] = { view->rows, view->cols, view->is_complex };
  size_t height = (size_t)view->rows * (view->is_complex ? 2 : 1);
  int32_t found[3];
  memcpy(found, shape, sizeof found);
  TRY(archive_bytes(a, name, found, sizeof found));
  if (memcmp(found, shape, sizeof shape) != 0)
    FAIL(SPEIG_ERR_FORMAT,
         "the checkpoint %s contradicts itself: \"%s\" is %d x %d, needed is %d x %d", source(a),
         name, found[0], found[1], shape[0], shape[1]);
  for (int32_t j = 0; j < view->cols; ++j) {
    small column = small_view(view, 0, j, view->rows, 1);
    TRY(archive_raw(a, column.data, height * sizeof *column.data));
  }
done:
  return st;
}

static speig_status reserve(size_t bytes, void **block, size_t *room)
{
  speig_status st = SPEIG_OK;
  if (bytes <= *room)
    return st;
  mem_free(*block);
  *block = NULL;
  *room = 0;
  TRY(mem_zalloc((int64_t)bytes, 1, "column of a checkpoint", block));
  *room = bytes;
done:
  return st;
}

/* Between the rows of the block and those on file; rows that are not in the order are zero. */
static void turn(const archive *a, int64_t n, size_t scalar, int outward)
{
  unsigned char *inner = a->column, *outer = a->scattered;
  if (outward)
    memset(outer, 0, (size_t)a->whole * scalar);
  for (int64_t i = 0; i < n; ++i) {
    unsigned char *near = inner + (size_t)i * scalar, *far = outer + (size_t)a->order[i] * scalar;
    memcpy(outward ? far : near, outward ? near : far, scalar);
  }
}

static speig_status one_column(archive *a, multivec *x, size_t scalar)
{
  speig_status st = SPEIG_OK;
  int64_t rows = a->order ? a->whole : x->n;
  void *on_file = a->order ? a->scattered : a->column;
  if (!a->is_loading) {
    TRY(mv_download(x, a->column, x->n));
    if (a->order)
      turn(a, x->n, scalar, 1);
  }
  TRY(archive_raw(a, on_file, (size_t)rows * scalar));
  if (a->is_loading) {
    if (a->order)
      turn(a, x->n, scalar, 0);
    TRY(mv_upload(a->column, x->n, x));
  }
done:
  return st;
}

speig_status archive_block(archive *a, const char *name, const multivec *view)
{
  speig_status st = SPEIG_OK;
  size_t scalar = speig_dtype_size(view->be->ops->dtype);
  int64_t rows = a->order ? a->whole : view->n, shape[3] = { rows, view->p, (int64_t)scalar };
  int64_t found[3];
  memcpy(found, shape, sizeof found);
  TRY(archive_bytes(a, name, found, sizeof found));
  if (memcmp(found, shape, sizeof shape) != 0)
    FAIL(SPEIG_ERR_FORMAT,
         "the checkpoint %s contradicts itself: \"%s\" is %" PRId64 " x %" PRId64
         ", needed is %" PRId64 " x %" PRId64,
         source(a), name, found[0], found[1], shape[0], shape[1]);
  TRY(reserve((size_t)(view->n > 0 ? view->n : 1) * scalar, &a->column, &a->column_room));
  if (a->order)
    TRY(reserve((size_t)a->whole * scalar, &a->scattered, &a->scattered_room));
  for (int32_t j = 0; j < view->p; ++j) {
    multivec x = mv_columns(view, j, 1);
    TRY(one_column(a, &x, scalar));
  }
done:
  return st;
}

speig_status archive_expect(const archive *a, const char *name, int64_t value, int64_t least,
                            int64_t most)
{
  speig_status st = SPEIG_OK;
  if (value < least || value > most)
    FAIL(SPEIG_ERR_FORMAT,
         "the checkpoint %s contradicts itself: \"%s\" is %" PRId64 ", needed are %" PRId64
         " to %" PRId64,
         source(a), name, value, least, most);
done:
  return st;
}

void archive_close(archive *a)
{
  mem_free(a->column);
  mem_free(a->scattered);
  a->column = a->scattered = NULL;
  a->column_room = a->scattered_room = 0;
}
