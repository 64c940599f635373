set(SPEIG_GPU_SOURCES module.c state.c transfer.c storage.c matrix.c reduce.c batch.c table.c
    columns.cu sums.cu gram.cu mul.cu project.cu settle.cu spmv.cu)
