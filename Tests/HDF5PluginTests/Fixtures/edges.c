// Makes edges_*.h5: 21 x 34 big-endian uint16, value i * 7, chunks 8 x 10, shuffle and deflate, edge chunks unfiltered.
// h5cc edges.c && ./a.out
#include <hdf5.h>

static void make(const char *name, int is_new, int unlimited) {
  hid_t access = H5Pcreate(H5P_FILE_ACCESS);
  if (is_new) H5Pset_libver_bounds(access, H5F_LIBVER_LATEST, H5F_LIBVER_LATEST);
  hid_t file = H5Fcreate(name, H5F_ACC_TRUNC, H5P_DEFAULT, access);
  hsize_t shape[2] = {21, 34}, chunk[2] = {8, 10};
  hsize_t maximum[2] = {unlimited > 0 ? H5S_UNLIMITED : 21, unlimited > 1 ? H5S_UNLIMITED : 34};
  hid_t space = H5Screate_simple(2, shape, maximum), list = H5Pcreate(H5P_DATASET_CREATE);
  H5Pset_chunk(list, 2, chunk);
  H5Pset_shuffle(list);
  H5Pset_deflate(list, 4);
  H5Pset_chunk_opts(list, H5D_CHUNK_DONT_FILTER_PARTIAL_CHUNKS);
  H5Pset_obj_track_times(list, 0);
  hid_t dataset = H5Dcreate2(file, "image", H5T_STD_U16BE, space, H5P_DEFAULT, list, H5P_DEFAULT);
  unsigned short values[21 * 34];
  for (int i = 0; i < 21 * 34; i++) values[i] = i * 7;
  H5Dwrite(dataset, H5T_NATIVE_USHORT, H5S_ALL, H5S_ALL, H5P_DEFAULT, values);
  H5Dclose(dataset);
  H5Fclose(file);
}

int main(void) {
  make("edges_fixed_array.h5", 1, 0);
  make("edges_extensible_array.h5", 1, 1);
  make("edges_btree2.h5", 1, 2);
  make("edges_btree1.h5", 0, 0);
  return 0;
}
