/* plot.c: the verb plot: pictures of results, logs and matrices, as SVG or as characters. */
#include "choices.h"
#include "files.h"
#include "picture.h"
#include "source.h"

#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/ioctl.h>
#include <unistd.h>

typedef enum plot_kind {
  PLOT_AUTO,
  PLOT_CONVERGENCE,
  PLOT_SPECTRUM,
  PLOT_SCREE,
  PLOT_SPY,
  PLOT_DOS
} plot_kind;

typedef struct plot_args {
  int64_t threads, degree, vectors, width;
  uint64_t seed;
  int kind, terminal, device;
  const char *output, *title;
} plot_args;

#define FIELD(name) offsetof(plot_args, name)

static const char *const kinds[] = {
  "auto", "convergence", "spectrum", "scree", "spy", "dos", NULL
};

static const cli_option options[] = {
  { OPTION_CHOICE, 0, "kind", "K", FIELD(kind), "auto", NULL, kinds, 0, 0,
    "what to draw; auto: convergence of a log, the spectrum of a result, the pattern of a matrix" },
  { OPTION_FILE, 'o', "output", "FILE", FIELD(output), NULL, NULL, NULL, 0, 0,
    "write here instead of to standard output" },
  { OPTION_FLAG, 0, "terminal", NULL, FIELD(terminal), NULL, NULL, NULL, 0, 0,
    "characters instead of SVG (also where standard output is a terminal and there is no -o)" },
  { OPTION_INT, 0, "width", "N", FIELD(width), NULL, NULL, NULL, 30, 500,
    "columns of characters (default: COLUMNS, else what the terminal has, else 80)" },
  { OPTION_TEXT, 0, "title", "TEXT", FIELD(title), NULL, NULL, NULL, 0, 0,
    "instead of the name of the file" },
  { OPTION_INT, 0, "degree", "N", FIELD(degree), "256", NULL, NULL, 2, 100000,
    "dos: of the polynomials; details finer than 3/N of the width are smoothed out" },
  { OPTION_INT, 0, "vectors", "N", FIELD(vectors), NULL, NULL, NULL, 1, 100000,
    "dos: random vectors (default: chosen from the order)" },
  { OPTION_SEED, 0, "seed", "N", FIELD(seed), "1", NULL, NULL, 0, 0, "dos: of the random vectors" },
  { OPTION_CHOICE, 0, "device", "D", FIELD(device), "auto", NULL, choice_devices, 0, 0,
    "dos: where to run; auto: the host" },
  { OPTION_INT, 0, "threads", "N", FIELD(threads), NULL, NULL, NULL, 1, 1024,
    "threads to use (default: all cores)" },
  { 0 },
};

/* ---- where to ---- */

/* Whether the locale says so; the C library is not asked, since it only knows installed ones. */
static int locale_is_utf8(void)
{
  static const char *const names[] = { "LC_ALL", "LC_CTYPE", "LANG" };
  for (size_t i = 0; i < sizeof names / sizeof *names; ++i) {
    const char *value = getenv(names[i]);
    const char *charset = value && *value ? strchr(value, '.') : NULL;
    if (value && *value)
      return charset &&
             (strncasecmp(charset, ".utf-8", 6) == 0 || strncasecmp(charset, ".utf8", 5) == 0);
  }
  return 0;
}

static int screen_columns(const plot_args *args)
{
  const int least = 30, most = 500;
  struct winsize size;
  const char *columns = getenv("COLUMNS");
  long wanted = args->width;
  if (wanted == 0 && columns)
    wanted = strtol(columns, NULL, 10);
  if (wanted <= 0 && !args->output && ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0)
    wanted = size.ws_col;
  if (wanted <= 0)
    wanted = 80;
  return (int)(wanted < least ? least : wanted > most ? most : wanted);
}

static int is_terminal(const plot_args *args)
{
  return args->terminal || (!args->output && isatty(STDOUT_FILENO));
}

/* ---- what ---- */

static int resolve_kind(const plot_source *source, int wanted, plot_kind *kind)
{
  static const char *const inputs[] = { "a matrix", "a result", "a log" };
  *kind = (plot_kind)wanted;
  if (wanted == PLOT_AUTO)
    *kind = source->kind == SOURCE_MATRIX   ? PLOT_SPY
            : source->kind == SOURCE_RESULT ? PLOT_SPECTRUM
                                            : PLOT_CONVERGENCE;
  if (*kind == PLOT_CONVERGENCE && source->kind != SOURCE_LOG)
    return say_error(CLI_USAGE, "%s is %s: convergence needs a log (speig solve --log FILE)",
                     source->path, inputs[source->kind]);
  if ((*kind == PLOT_SPY || *kind == PLOT_DOS) && source->kind != SOURCE_MATRIX)
    return say_error(CLI_USAGE, "%s is %s: --kind %s needs a matrix", source->path,
                     inputs[source->kind], kinds[*kind]);
  if (*kind == PLOT_SCREE && source->kind != SOURCE_MATRIX && source->values.kind != SPECTRUM_SVD)
    return say_error(CLI_USAGE,
                     "%s holds eigenvalues: --kind scree needs singular values or a "
                     "matrix",
                     source->path);
  return CLI_OK;
}

static int draw_dos(const plot_args *args, cli_matrix *A, const char *title, chart *c)
{
  speig_dos_opts opts = SPEIG_DOS_OPTS_INIT;
  speig_dos_result *dos = NULL;
  speig_operator *op = NULL;
  int is_hermitian = 0, code = CLI_OK;
  CLI_TRY(input_classify(A, 0, 0, &is_hermitian));
  if (!is_hermitian)
    CLI_FAIL(CLI_USAGE, "%s is not Hermitian: a density of states needs real eigenvalues", A->path);
  if (A->info.rows < 1)
    CLI_FAIL(CLI_USAGE, "%s is 0 x 0: it has no spectrum", A->path);
  opts.degree = (int32_t)args->degree;
  opts.vectors = (int32_t)args->vectors;
  opts.seed = args->seed;
  opts.device = (speig_device)args->device;
  opts.threads = (int)args->threads;
  opts.assume_hermitian = 1; /* the command has looked */
  CLI_TRY(say_status(speig_operator_from_matrix(A->matrix, &op)));
  CLI_TRY(say_status(speig_dos(op, &opts, &dos)));
  code = picture_dos(title, dos, c);
done:
  speig_dos_result_free(&dos);
  speig_operator_destroy(&op);
  return code;
}

static int make_chart(const plot_args *args, plot_source *source, const canvas *to, chart *c)
{
  const char *title = args->title ? args->title : source->path;
  plot_kind kind = PLOT_AUTO;
  int code = resolve_kind(source, args->kind, &kind);
  if (code != CLI_OK)
    return code;
  switch (kind) {
  case PLOT_CONVERGENCE:
    return picture_convergence(title, &source->head, &source->history, c);
  case PLOT_SPY:
    return picture_spy(title, &source->A, to, c);
  case PLOT_DOS:
    return draw_dos(args, &source->A, title, c);
  default:
    if (source->kind == SOURCE_MATRIX)
      code =
          spectrum_of_matrix(&source->A, kind == PLOT_SCREE, (int)args->threads, &source->values);
    (void)snprintf(source->values.file, sizeof source->values.file, "%s", title);
    return code == CLI_OK ? picture_spectrum(title, &source->values, c) : code;
  }
}

/* Drawn in memory first: a picture that fails leaves no file. */
static int draw(const plot_args *args, const chart *picture, canvas *to)
{
  char *text = NULL;
  size_t size = 0;
  const char *path = args->output ? args->output : "-";
  FILE *out = NULL;
  int code = CLI_OK;
  to->out = open_memstream(&text, &size);
  if (!to->out)
    return say_error(CLI_MEMORY, "out of memory: a picture");
  code = chart_draw(picture, to);
  if (fclose(to->out) != 0 && code == CLI_OK)
    code = say_error(CLI_MEMORY, "out of memory: a picture");
  if (code == CLI_OK)
    CLI_TRY(output_open(path, &out));
  if (code == CLI_OK) {
    (void)fwrite(text, 1, size, out); /* what fails is seen at the end */
    code = output_close(path, out);
  }
done:
  free(text);
  return code;
}

static int run(int argc, char **argv)
{
  plot_args args = { 0 };
  plot_source source = { .kind = SOURCE_MATRIX };
  chart picture = { .series_count = 0 };
  int code = options_parse(&verb_plot, &argc, argv, &args);
  if (code != OPTIONS_GO)
    return code;
  CLI_TRY(source_read(argv[0], (int)args.threads, &source));
  canvas to = is_terminal(&args) ? canvas_screen(NULL, screen_columns(&args), locale_is_utf8())
                                 : canvas_svg(NULL, 0);
  CLI_TRY(make_chart(&args, &source, &to, &picture));
  code = draw(&args, &picture, &to);
done:
  chart_free(&picture);
  source_free(&source);
  return code;
}

static const char *const examples[] = {
  "speig plot A.mtx",
  "the pattern of a matrix, on the terminal",
  "speig plot --kind dos -o dos.svg A.mtx",
  "the density of states of a Hermitian matrix",
  "speig -k 20 --json=r.json A.mtx; speig plot -o spectrum.svg r.json",
  "the eigenvalues found, copies one above the other",
  NULL
};

const cli_verb verb_plot = {
  .name = "plot",
  .operands = "INPUT",
  .least_operands = 1,
  .most_operands = 1,
  .summary = "Draw a result, a log or a matrix, as SVG or on the terminal",
  .details =
      "INPUT is a result (--json=FILE), a log (--log FILE) or a matrix, told apart by content. "
      "Kinds "
      "of pictures: convergence, residuals of the wanted pairs against products, of a log; "
      "spectrum, eigenvalues on a line, copies one above the other, or in the complex plane; "
      "scree, "
      "singular values by number; both of a result, of a log (its last values), or of a matrix of "
      "order up to 3000, all of them by LAPACK; spy, the pattern of a matrix, where every stored "
      "entry counts; dos, the density of states of a Hermitian matrix of any size, by products "
      "with random vectors.\n\n"
      "An SVG file needs nothing else: no scripts, fonts or links; it follows the reader's light "
      "or "
      "dark ground. On a terminal pictures are Braille dots and blocks, or ASCII where the locale "
      "is not UTF-8.",
  .examples = examples,
  .options = options,
  .run = run,
};
