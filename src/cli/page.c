/* page.c: the verb report: solves as the verb solve does, and writes one page of HTML about it:
 * the matrix, the plan, the answer and what is known about it, pictures, times, and the command to
 * repeat it. No scripts, nothing that is fetched. */
#include "files.h"
#include "picture.h"
#include "solve.h"
#include "source.h"
#include "text.h"

#include <inttypes.h>
#include <math.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

static const char style[] =
    "body{font:16px/1.5 system-ui,-apple-system,'Segoe UI',Roboto,'DejaVu Sans',sans-serif;"
    "max-width:62rem;margin:0 auto;padding:1rem;color:#1a1a1a;background:#fff}\n"
    "h1{font-size:1.5rem;overflow-wrap:anywhere}h2{font-size:1.15rem;margin-top:2rem}\n"
    "table{border-collapse:collapse;font-size:.9rem}\n"
    "th,td{padding:.15rem .9rem .15rem 0;text-align:left;vertical-align:top}\n"
    "th{font-weight:500;color:#5f5f5f}td.n,th.n{text-align:right;font-variant-numeric:tabular-nums;"
    "white-space:nowrap}\n"
    ".wide{overflow-x:auto;max-height:30rem;overflow-y:auto}\n"
    ".word{border-left:.3rem solid #00805a;padding:.4rem .8rem;background:#eef6f2}\n"
    ".word.less{border-color:#b00020;background:#fbeff0}\n"
    "pre{white-space:pre-wrap;overflow-wrap:anywhere;background:#f3f3f3;padding:.6rem}\n"
    "svg{max-width:100%;height:auto;display:block;margin:1rem 0}\n"
    "@media (prefers-color-scheme:dark){body{color:#ececec;background:#16181c}th{color:#a8a8a8}\n"
    "pre{background:#26272c}.word{background:#1b2a24}.word.less{background:#33191d}}\n"
    "@media print{.wide{max-height:none;overflow:visible}}\n";

static void row(FILE *out, const char *name, const char *format, ...) CLI_PRINTF(3, 4);
static void row(FILE *out, const char *name, const char *format, ...)
{
  char text[1024];
  va_list arguments;
  va_start(arguments, format);
  (void)vsnprintf(text, sizeof text, format, arguments);
  va_end(arguments);
  fprintf(out, "<tr><th>%s</th><td>", name);
  xml_put(out, text);
  fputs("</td></tr>\n", out);
}

static void put_heading(FILE *out, const char *name)
{
  fprintf(out, "<h2>%s</h2>\n", name);
}

/* ---- the matrix and the plan ---- */

static int put_matrix(FILE *out, const char *heading, const cli_matrix *A)
{
  char rows[32], entries[32], bytes[32];
  speig_matrix_stats stats;
  int code = say_status(speig_matrix_get_stats(A->matrix, &stats));
  if (code != CLI_OK)
    return code;
  text_thousands(A->info.rows, rows, sizeof rows);
  text_thousands(A->info.nnz, entries, sizeof entries);
  text_bytes((double)A->info.bytes, bytes, sizeof bytes);
  put_heading(out, heading);
  fputs("<table>\n", out);
  row(out, "file", "%s", A->path);
  row(out, "header", "%s %s", field_name(A->header.field), symmetry_name(A->header.symmetry));
  row(out, "order", "%s", rows);
  row(out, "stored entries", "%s, %.2f per row (%" PRId64 " to %" PRId64 ")", entries,
      (double)A->info.nnz / (double)A->info.rows, stats.min_row_nnz, stats.max_row_nnz);
  row(out, "bandwidth", "%" PRId64 " below, %" PRId64 " above the diagonal", stats.lower_bandwidth,
      stats.upper_bandwidth);
  row(out, "magnitudes", "%.6g to %.6g", stats.min_abs, stats.max_abs);
  row(out, "norms", "1: %.6g, infinity: %.6g, Frobenius: %.6g", stats.norm_1, stats.norm_inf,
      stats.norm_fro);
  if (stats.hermitian_defect == 0)
    row(out, "Gershgorin interval", "[%.6g, %.6g]", stats.gershgorin_min, stats.gershgorin_max);
  else
    row(out, "largest |a_ij - conj(a_ji)|", "%.3g", stats.hermitian_defect);
  row(out, "memory", "%s, as %s", bytes, speig_dtype_name(A->info.dtype));
  fputs("</table>\n", out);
  return CLI_OK;
}

static void put_plan(FILE *out, const report *r, const report_plan *plan)
{
  char bytes[32], sigma[80] = "";
  text_bytes((double)plan->memory_bytes, bytes, sizeof bytes);
  put_heading(out, "The plan");
  fputs("<table>\n", out);
  if (r->sigma)
    report_shift_text(r->general ? 2 : 1, r->sigma, 15, sigma, sizeof sigma);
  row(out, "wanted", "%d eigenvalues, %s%s%s, of a %s problem%s", r->k, r->which,
      r->sigma ? " with shift " : "", sigma, plan->kind, r->B ? " with B" : "");
  row(out, "method", "%s on %s", speig_method_name(plan->method), speig_device_name(plan->device));
  row(out, "why", "%s", plan->why);
  if (plan->ncv > 0)
    row(out, "basis", "%d vectors", plan->ncv);
  row(out, "limits", "tolerance %.2e, at most %" PRId64 " products", plan->tol, plan->max_matvecs);
  row(out, "memory foreseen", "%s", bytes);
  fputs("</table>\n", out);
}

/* ---- the answer ---- */

static const char *outcome_words(speig_outcome outcome)
{
  static const char *const words[] = {
    "proven complete: LAPACK computed the whole spectrum, or inertia counts no more eigenvalues "
    "than were found",
    "an independent probe, kept orthogonal to the answer, found no eigenvalue missing",
    "the residuals hold; completeness was not checked", "fewer than wanted; those found are listed",
    "none was found"
  };
  return words[outcome];
}

static void put_size(FILE *out, double size)
{
  fputs("<td class=\"n\">", out);
  if (isfinite(size))
    fprintf(out, "%.1e", size);
  else
    fputs("not known", out);
  fputs("</td>", out);
}

static void put_answer(FILE *out, const report_result *r)
{
  put_heading(out, "The answer");
  fprintf(out,
          "<p class=\"word%s\"><strong>%s</strong>: %d of %d pairs. This word means: %s. The "
          "solver stopped for this reason: %s.</p>\n",
          r->k < r->wanted ? " less" : "", speig_outcome_name(r->outcome), r->k, r->wanted,
          outcome_words(r->outcome), speig_reason_name(r->reason));
  fprintf(out,
          "<div class=\"wide\"><table>\n<tr><th class=\"n\">#</th><th class=\"n\">eigenvalue</th>"
          "<th class=\"n\">residual</th><th class=\"n\">relative</th>%s<th class=\"n\">error "
          "bound</th></tr>\n",
          r->conditions ? "<th class=\"n\">condition</th>" : "");
  for (int32_t i = 0; i < r->k; ++i) {
    const double *value = r->values + (size_t)r->parts * (size_t)i;
    fprintf(out, "<tr class=\"pair\"><td class=\"n\">%d</td><td class=\"n\">%.15g", i + 1,
            value[0]);
    if (r->parts == 2 && value[1] != 0)
      fprintf(out, " %c %.15gi", value[1] < 0 ? '-' : '+', fabs(value[1]));
    fputs("</td>", out);
    put_size(out, r->residuals[i]);
    put_size(out, r->relative_residuals[i]);
    if (r->conditions)
      put_size(out, r->conditions[i]);
    put_size(out, r->error_bounds[i]);
    fputs("</tr>\n", out);
  }
  fprintf(out,
          "</table></div>\n<p>The residual is the norm of A x &#8722; &#955; %sx, recomputed from "
          "the matrix at the end; relative is over %s. An eigenvalue lies at most the error bound "
          "away%s.</p>\n",
          r->norm_b > 0 && r->norm_b != 1 ? "B " : "",
          r->parts == 2 ? "|A| + |&#955;| |B|, |B| = 1 without B" : "|A| + |&#955;| |B|",
          r->parts == 2 ? ", to first order; it is known where condition numbers are (--left)"
                        : "");
}

/* ---- pictures ---- */

/* A picture that cannot be made costs itself, and the page says why. */
static int put_chart(FILE *out, int code, chart *c)
{
  if (code == CLI_OK) {
    canvas to = canvas_svg(out, 1);
    code = chart_draw(c, &to);
  }
  chart_free(c);
  return code;
}

static void put_missing(FILE *out, const char *what, const char *why)
{
  fprintf(out, "<p>%s: %s.</p>\n", what, why);
}

/* Beside the solve a density is cheap: it may take as long as that did, or a second. */
static int put_dos(FILE *out, const solve_job *job, const report_result *result)
{
  speig_dos_opts opts = SPEIG_DOS_OPTS_INIT;
  speig_dos_result *dos = NULL;
  chart c = { .series_count = 0 };
  opts.threads = (int)job->args.run.threads;
  opts.seed = job->args.run.seed;
  opts.assume_hermitian = 1;
  opts.time_limit = fmax(1, result->seconds_setup + result->seconds_solve);
  int code = say_status(speig_dos(job->op_a, &opts, &dos));
  if (code == CLI_OK)
    code = put_chart(out, picture_dos(job->A.path, dos, &c), &c);
  speig_dos_result_free(&dos);
  return code;
}

static int put_pictures(FILE *out, const solve_job *job, const report *r)
{
  chart c = { .series_count = 0 };
  spectrum s = { .count = 0 };
  history_head head = { .rows = r->result.n };
  const canvas svg = canvas_svg(out, 1);
  int code = CLI_OK;
  put_heading(out, "Pictures");
  (void)snprintf(head.kind, sizeof head.kind, "%s", r->result.kind);
  (void)snprintf(head.which, sizeof head.which, "%s", r->which);
  (void)snprintf(head.status, sizeof head.status, "%s", speig_outcome_name(r->result.outcome));
  if (job->history.wanted > 0)
    CLI_TRY(put_chart(out, picture_convergence(job->A.path, &head, &job->history, &c), &c));
  else
    put_missing(out, "Convergence", "the method does not iterate, or told of no step");
  code =
      job->general ? spectrum_of_eigs(job->general_result, &s) : spectrum_of_eigsh(job->result, &s);
  (void)snprintf(s.file, sizeof s.file, "%s", job->A.path);
  s.has_sigma = r->sigma != NULL;
  for (int i = 0; i <= job->general && r->sigma; ++i)
    s.sigma[i] = r->sigma[i];
  if (code == CLI_OK && s.count + s.unconverged > 0)
    code = put_chart(out, picture_spectrum(job->A.path, &s, &c), &c);
  spectrum_free(&s);
  CLI_TRY(code);
  CLI_TRY(put_chart(out, picture_spy(job->A.path, &job->A, &svg, &c), &c));
  if (!job->general && !r->B)
    code = put_dos(out, job, &r->result);
  else
    put_missing(out, "Density of states", "it is for Hermitian problems without B");
done:
  return code;
}

/* ---- the rest ---- */

static void put_costs(FILE *out, const report *r)
{
  const report_result *result = &r->result;
  const double seconds[4] = { r->seconds_read, result->seconds_setup, result->seconds_solve,
                              result->seconds_certify };
  static const char *const names[4] = { "reading", "preparing", "solving", "checking" };
  char text[64];
  put_heading(out, "Time and memory");
  fputs("<table>\n", out);
  for (int i = 0; i < 4; ++i) {
    text_seconds(seconds[i], text, sizeof text);
    row(out, names[i], "%s", text);
  }
  row(out, "products with A", "%" PRId64, result->matvecs + result->matvecs_adjoint);
  if (result->solves > 0)
    row(out, "solves", "%" PRId64 " with %d factorizations", result->solves,
        result->factorizations);
  row(out, "restarts", "%" PRId64, result->restarts);
  text_bytes((double)result->memory_bytes, text, sizeof text);
  row(out, "memory of the solve", "%s", text);
  row(out, "ran on", "%s, %d threads, type %s", speig_device_name(result->device), result->threads,
      speig_dtype_name(result->dtype));
  row(out, "speig", "%s", speig_version());
  fputs("</table>\n", out);
}

/* The command in the words of a shell, escaped for the page. */
static int put_command(FILE *out, const solve_job *job)
{
  char *text = NULL;
  size_t size = 0;
  FILE *line = open_memstream(&text, &size);
  if (!line)
    return say_error(CLI_MEMORY, "out of memory: the command line");
  fputs("speig report", line);
  for (int i = 0; i < job->count; ++i) {
    fputc(' ', line);
    shell_put(line, job->arguments[i]);
  }
  if (fclose(line) != 0) {
    free(text);
    return say_error(CLI_MEMORY, "out of memory: the command line");
  }
  put_heading(out, "To repeat it");
  fputs("<pre>", out);
  xml_put(out, text);
  fprintf(out,
          "</pre>\n<p>Seed %" PRIu64 ": the same version, seed and device give the same bits, "
          "whatever the number of threads.</p>\n",
          job->args.run.seed);
  free(text);
  return CLI_OK;
}

static int put_page(FILE *out, const solve_job *job, const report *r, const report_plan *plan)
{
  int code = CLI_OK;
  fputs("<!DOCTYPE html>\n<html xmlns=\"http://www.w3.org/1999/xhtml\" lang=\"en\">\n<head>\n"
        "<meta charset=\"utf-8\"/>\n<meta name=\"viewport\" content=\"width=device-width, "
        "initial-scale=1\"/>\n<meta name=\"color-scheme\" content=\"light dark\"/>\n<title>",
        out);
  fputs("Eigenvalues of ", out);
  xml_put(out, job->A.path);
  fprintf(out, "</title>\n<style>\n%s", style);
  canvas_svg_style(out);
  fputs("</style>\n</head>\n<body>\n<h1>Eigenvalues of ", out);
  xml_put(out, job->A.path);
  fputs("</h1>\n", out);
  put_answer(out, &r->result);
  CLI_TRY(put_pictures(out, job, r));
  put_plan(out, r, plan);
  CLI_TRY(put_matrix(out, "The matrix", &job->A));
  if (r->B)
    CLI_TRY(put_matrix(out, "The matrix B", &job->B));
  put_costs(out, r);
  CLI_TRY(put_command(out, job));
  fputs("</body>\n</html>\n", out);
done:
  return code;
}

/* In memory first: a page that fails leaves no file. */
static int write_page(solve_job *job, const report *r, const report_plan *plan)
{
  char *text = NULL;
  size_t size = 0;
  FILE *out = NULL, *memory = open_memstream(&text, &size);
  int code = CLI_OK;
  if (!memory)
    return say_error(CLI_MEMORY, "out of memory: a page");
  code = put_page(memory, job, r, plan);
  if (fclose(memory) != 0 && code == CLI_OK)
    code = say_error(CLI_MEMORY, "out of memory: a page");
  CLI_TRY(code);
  CLI_TRY(output_open(job->args.page, &out));
  (void)fwrite(text, 1, size, out); /* what fails is seen at the end */
  code = output_close(job->args.page, out);
done:
  free(text);
  return code;
}

static const cli_option options[] = {
  { OPTION_FILE, 'o', "output", "FILE", offsetof(solve_args, page), "report.html", NULL, NULL, 0, 0,
    "the page" },
  { 0 },
};

static int run(int argc, char **argv)
{
  return solve_main(&verb_report, write_page, argc, argv);
}

static const char *const examples[] = { "speig report -k 10 --which SA -o modes.html A.mtx",
                                        "the ten smallest eigenvalues, told on a page", NULL };

const cli_verb verb_report = {
  .name = "report",
  .operands = "A.mtx",
  .least_operands = 1,
  .most_operands = 1,
  .summary = "Solve, and write a page of HTML about it",
  .details =
      "Does what solve does, with its options and exit codes, prints what solve prints, and writes "
      "one page: the answer and how sure it is, pictures (convergence, spectrum, pattern, density "
      "of states), the plan and why, the matrix, times, memory, and the command to repeat it. The "
      "page needs no network and no scripts, and follows the reader's light or dark ground. The "
      "density of states takes about as long as the solve did, or a second.",
  .examples = examples,
  .options = options,
  .shared = solve_options,
  .further = run_options,
  .run = run,
};
