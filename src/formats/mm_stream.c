/* mm_stream.c: windows of whole lines over a source, one filled while the other is read. */
#include "base/error.h"
#include "base/memory.h"
#include "formats/mm_text.h"

#include <inttypes.h>
#include <string.h>

enum { PADDING = 64 }; /* the number parser looks eight bytes ahead */

speig_status mm_stream_open(mm_source *source, size_t capacity, mm_stream *s)
{
  speig_status st = SPEIG_OK;
  *s = (mm_stream){ .source = source, .capacity = capacity };
  TRY(MEM_ARRAY((int64_t)capacity + PADDING, "text buffer", &s->text));
  TRY(MEM_ARRAY((int64_t)capacity + PADDING, "text buffer", &s->next));
done:
  return st;
}

void mm_stream_close(mm_stream *s)
{
  mem_free(s->text);
  mem_free(s->next);
  s->text = s->next = NULL;
}

void mm_stream_prefetch(mm_stream *s)
{
  size_t rest = s->held - s->ready, asked = s->capacity - rest, got;
  memcpy(s->next, s->text + s->ready, rest);
  got = mm_source_fill(s->source, s->next + rest, asked);
  s->arrived = rest + got;
  s->ended = got < asked;
}

/* memrchr is not in C or POSIX. */
static size_t behind_last_newline(const char *text, size_t n)
{
  while (n > 0 && text[n - 1] != '\n')
    --n;
  return n;
}

speig_status mm_stream_advance(mm_stream *s)
{
  speig_status st = SPEIG_OK;
  char *old = s->text;
  s->text = s->next;
  s->next = old;
  s->held = s->arrived;
  s->ready = 0;
  TRY(mm_source_check(s->source));
  if (s->ended && s->held > 0 && s->text[s->held - 1] != '\n')
    s->text[s->held++] = '\n';
  s->ready = s->ended ? s->held : behind_last_newline(s->text, s->held);
  memset(s->text + s->held, 0, 16);
  if (s->ready == 0 && s->held > 0)
    FAIL(SPEIG_ERR_FORMAT, "%s, line %" PRId64 ": longer than %zu bytes", mm_source_name(s->source),
         s->line + 1, s->capacity);
done:
  return st;
}
