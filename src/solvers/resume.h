/* resume.h: what the calls do about checkpoints (checkpoint.h). */
#ifndef SPEIG_SRC_SOLVERS_RESUME_H
#define SPEIG_SRC_SOLVERS_RESUME_H

#include "solvers/checkpoint.h"

struct eigsh_run;
struct eigs_run;
struct svds_run;

/* Options that exclude each other. Errors: ARG, UNSUPPORTED. */
speig_status resume_check(const char *path, const char *resume, speig_method method,
                          const speig_block *guess);
/* A method that nobody asked for is the one asked for when the file was written, so that the same
 * decisions follow. */
void resume_method(const checkpoint *c, speig_method *method);
/* With other numbers (more pairs) auto would now choose another method than that of the file: it is
 * named then, and the plan is to be made again. */
int resume_replans(const checkpoint *c, speig_method planned, speig_method *method);
/* Operators are bound and the plan is made: whether the file belongs to the problem; the limit of
 * products reaches on from those made. Errors: ARG, those of the backend. */
speig_status resume_eigsh(struct eigsh_run *run);
speig_status resume_eigs(struct eigs_run *run);
speig_status resume_svds(struct svds_run *run);
/* What a checkpoint takes: the answers so far, a column on its way, and buffers. */
double resume_bytes(const speig_operator *A, int32_t k);
/* For the result. */
void resume_tell(const checkpoint *c, speig_resumed *resumed, int32_t *checkpoints, char *failure,
                 size_t size);

#endif
