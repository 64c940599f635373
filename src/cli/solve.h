/* solve.h: what the files of the solve verb share. */
#ifndef SPEIG_SRC_CLI_SOLVE_H
#define SPEIG_SRC_CLI_SOLVE_H

#include "history.h"
#include "input.h"
#include "report.h"
#include "run_args.h"

typedef struct solve_args {
  run_args run; /* first: see cli_verb.shared */
  int64_t k, ncv, max_matvecs;
  double tol;
  int which, mode, method, precond, balance, part;
  double shift[2]; /* sigma as a number */
  double ends[2]; /* of the interval */
  const char *mass, *interval, *sigma, *guess, *deflate, *vectors, *left;
  int hermitian, general;
  const char *page; /* of the verb report: the file of the page */
} solve_args;

/* The order of --which: speig_which, then what general problems have beside LM and SM. */
enum { WHICH_HERMITIAN = SPEIG_BE, WHICH_LR = SPEIG_BE + 1 };

/* Everything a solve owns. */
typedef struct solve_job solve_job;
/* Writes the page of a solve that came to an end. Returns an exit code and has said why. */
typedef int solve_page(solve_job *job, const report *r, const report_plan *plan);

struct solve_job {
  solve_args args;
  const char *which; /* its name */
  int general; /* the problem is solved as a general one */
  cli_matrix A, B;
  speig_block guess, deflate;
  speig_operator *op_a, *op_b, *precond;
  speig_eigsh_result *result; /* of a Hermitian problem */
  speig_eigs_result *general_result; /* of a general one */
  double seconds_read;
  solve_page *page; /* NULL: none is wanted */
  int count; /* arguments as they were given, for the page */
  char **arguments;
  history history; /* kept where a page is wanted */
};

extern const cli_option solve_options[];
extern const speig_method solve_methods[]; /* in the order of --method */
/* Parses, reads, solves, and releases everything: the verb, whichever it is called. */
int solve_main(const cli_verb *verb, solve_page *page, int argc, char **argv);

/* Whether a general problem can be what the options ask for. Returns an exit code and has said why.
 */
int solve_check_general(const solve_job *job);
/* Plans and solves, tells the plan where asked for, writes the result, judges it: the exit code. */
int solve_run(solve_job *job);

#endif
