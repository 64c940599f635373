/* replay.c: a fuzz target as an ordinary test: runs every seed, and mutations of them from a
 * counter, so that a failure comes again. replay_TARGET SEEDS [COUNT [FIRST]]   COUNT mutations,
 * from number FIRST on replay_TARGET FILE                    one input, which a failure has left */
#define _POSIX_C_SOURCE 200809L
#include "target.h"

#include "base/random.h"

#include <dirent.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { SEEDS = 256, LONGEST = 1 << 14 };

typedef struct input {
  size_t size;
  uint8_t *bytes;
} input;

static input seeds[SEEDS];
static int seed_count;

static void stop(const char *what, const char *name)
{
  fprintf(stdout, "replay: %s %s\n", what, name);
  exit(1);
}

static input read_input(const char *path)
{
  input found = { 0 };
  FILE *in = fopen(path, "rb");
  found.bytes = malloc(LONGEST);
  if (!in || !found.bytes)
    stop("cannot read", path);
  found.size = fread(found.bytes, 1, LONGEST, in);
  (void)fclose(in);
  return found;
}

static int by_name(const void *a, const void *b)
{
  return strcmp(*(char *const *)a, *(char *const *)b);
}

/* In the order of their names, which no file system decides. */
static void read_folder(const char *path)
{
  char name[4096], *names[SEEDS];
  int count = 0;
  DIR *folder = opendir(path);
  if (!folder)
    stop("cannot open", path);
  for (const struct dirent *entry; count < SEEDS && (entry = readdir(folder));)
    if (entry->d_name[0] != '.')
      names[count++] = strdup(entry->d_name);
  (void)closedir(folder);
  qsort(names, (size_t)count, sizeof *names, by_name);
  for (int i = 0; i < count; ++i) {
    (void)snprintf(name, sizeof name, "%s/%s", path, names[i]);
    seeds[seed_count++] = read_input(name);
    free(names[i]);
  }
}

/* ---- mutations ---- */

typedef struct dice {
  uint64_t number;
  int64_t thrown;
} dice;

static size_t below(dice *d, size_t limit)
{
  return limit > 0 ? (size_t)(random_bits(d->number, d->thrown++, 0, 0) % limit) : 0;
}

/* Bytes [at, at + length) give way to others; what does not fit is cut. */
static void splice(input *to, size_t at, size_t length, const uint8_t *with, size_t count)
{
  size_t tail = to->size - at - length, room = at < LONGEST ? LONGEST - at : 0;
  count = count < room ? count : room;
  tail = tail < room - count ? tail : room - count;
  memmove(to->bytes + at + count, to->bytes + at + length, tail);
  memcpy(to->bytes + at, with, count);
  to->size = at + count + tail;
}

static void mutate(dice *d, input *to)
{
  static const char *const words[] = { "0",
                                       "-1",
                                       "1e400",
                                       "nan",
                                       "inf",
                                       "99999999999999999999",
                                       "\n",
                                       " ",
                                       "[",
                                       "]",
                                       "{",
                                       "}",
                                       "\"",
                                       "%%",
                                       "\xff",
                                       ",",
                                       "4294967296",
                                       "1e-400",
                                       "9223372036854775807" };
  const input *other = &seeds[below(d, (size_t)seed_count)];
  size_t at = below(d, to->size + 1), length = below(d, 16), from = below(d, other->size + 1);
  uint8_t byte = (uint8_t)below(d, 256);
  if (length > to->size - at)
    length = to->size - at;
  switch (below(d, 6)) {
  case 0:
    if (at < to->size)
      to->bytes[at] ^= (uint8_t)(1 << below(d, 8));
    break;
  case 1:
    splice(to, at, length > 0, &byte, 1);
    break;
  case 2:
    splice(to, at, length, &byte, 0);
    break;
  case 3: {
    const char *word = words[below(d, sizeof words / sizeof *words)];
    splice(to, at, length, (const uint8_t *)word, strlen(word));
    break;
  }
  case 4:
    splice(to, at, length, other->bytes + from, below(d, other->size - from + 1));
    break;
  default:
    if (below(d, 8) == 0)
      to->size = at;
  }
}

/* A copy of its own, just as long: a sanitizer sees each byte too many. */
static void run(const input *with)
{
  uint8_t *bytes = malloc(with->size > 0 ? with->size : 1);
  if (!bytes)
    stop("out of", "memory");
  memcpy(bytes, with->bytes, with->size);
  (void)LLVMFuzzerTestOneInput(bytes, with->size);
  free(bytes);
}

/* The input at hand lies in a file while it runs, so that it is there after a crash. */
static void keep(const char *path, const input *with)
{
  FILE *out = path ? fopen(path, "wb") : NULL;
  if (!out)
    return;
  (void)fwrite(with->bytes, 1, with->size, out);
  (void)fclose(out);
}

int main(int argc, char **argv)
{
  struct stat about;
  FILE *report = NULL;
  if (argc < 2 || stat(argv[1], &about) != 0)
    stop("needed: SEEDS [COUNT [FIRST]], found", argc < 2 ? "nothing" : argv[1]);
  const int64_t count = argc > 2 ? strtoll(argv[2], NULL, 10) : 0;
  const int64_t first = argc > 3 ? strtoll(argv[3], NULL, 10) : 0;
  const char *kept = getenv("SPEIG_FUZZ_KEEP");
  /* Each refusal has its message. */
  if (!freopen("/dev/null", "w", stderr) || !(report = fdopen(dup(1), "w")) ||
      !freopen("/dev/null", "w", stdout))
    stop("cannot open", "/dev/null");
  if (!S_ISDIR(about.st_mode)) {
    input one = read_input(argv[1]);
    run(&one);
    free(one.bytes);
    (void)fclose(report);
    return 0;
  }
  read_folder(argv[1]);
  for (int i = 0; i < seed_count; ++i) {
    keep(kept, &seeds[i]);
    run(&seeds[i]);
  }
  input mutant = { .bytes = malloc(LONGEST) };
  for (int64_t number = first; seed_count > 0 && number < first + count; ++number) {
    dice d = { .number = (uint64_t)number };
    const input *seed = &seeds[below(&d, (size_t)seed_count)];
    mutant.size = seed->size;
    memcpy(mutant.bytes, seed->bytes, seed->size);
    for (size_t changes = 1 + below(&d, 4); changes > 0; --changes)
      mutate(&d, &mutant);
    keep(kept, &mutant);
    run(&mutant);
  }
  fprintf(report, "%d seeds, %" PRId64 " mutations: none crashed\n", seed_count, count);
  (void)fclose(report);
  free(mutant.bytes);
  for (int i = 0; i < seed_count; ++i)
    free(seeds[i].bytes);
  return seed_count > 0 ? 0 : 1;
}
