set(SPEIG_GPU_SOURCES module.c state.c transfer.c matrix.c reduce.c table.c
    columns.cu sums.cu gram.cu mul.cu spmv.cu)
