/* speig.h: everything. Eigenvalues and eigenvectors of large sparse matrices. */
#ifndef SPEIG_SPEIG_H
#define SPEIG_SPEIG_H

#include "speig/block.h"
#include "speig/count.h"
#include "speig/device.h"
#include "speig/dos.h"
#include "speig/eigs.h"
#include "speig/eigsh.h"
#include "speig/generate.h"
#include "speig/matrix.h"
#include "speig/matrix_market.h"
#include "speig/operator.h"
#include "speig/svds.h"
#include "speig/types.h"
#include "speig/verify.h"

#endif
