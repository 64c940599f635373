/* stub.c: to be replaced by the sparse products. */
typedef int spmv_stub;
