/* eigsh.c: to be written. */
#pragma GCC diagnostic ignored "-Wunused-parameter"
#include "base/error.h"
#include "solvers/problem.h"
void speig_eigsh_opts_init(speig_eigsh_opts *opts)
{
}
speig_status speig_eigsh(const speig_operator *A, const speig_operator *B,
                         const speig_eigsh_opts *opts, speig_eigsh_result **result)
{
  return error_raise(SPEIG_ERR_UNSUPPORTED, __FILE__, __LINE__, __func__, "not built yet");
}
void speig_eigsh_result_free(speig_eigsh_result **result)
{
}
speig_status speig_eigsh_make_plan(const speig_operator *A, const speig_operator *B,
                                   const speig_eigsh_opts *opts, speig_eigsh_plan *plan)
{
  return error_raise(SPEIG_ERR_UNSUPPORTED, __FILE__, __LINE__, __func__, "not built yet");
}
const char *speig_which_name(speig_which which)
{
  return "?";
}
const char *speig_method_name(speig_method method)
{
  return "?";
}
const char *speig_outcome_name(speig_outcome outcome)
{
  return "?";
}
const char *speig_reason_name(speig_reason reason)
{
  return "?";
}
