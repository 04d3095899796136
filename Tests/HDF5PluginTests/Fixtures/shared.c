// Makes shared.h5: messages shared through two heaps (one with a tree as index, one with a list) and through a committed datatype.
// h5cc shared.c && ./a.out
#include <hdf5.h>
#include <stdio.h>

static void attribute(hid_t object, const char *name, hid_t type, hid_t space, const void *value) {
  hid_t attribute = H5Acreate2(object, name, type, space, H5P_DEFAULT, H5P_DEFAULT);
  H5Awrite(attribute, H5T_NATIVE_INT, value);
  H5Aclose(attribute);
}

int main(void) {
  hid_t creation = H5Pcreate(H5P_FILE_CREATE);
  H5Pset_shared_mesg_nindexes(creation, 2);
  H5Pset_shared_mesg_index(creation, 0, H5O_SHMESG_SDSPACE_FLAG | H5O_SHMESG_DTYPE_FLAG | H5O_SHMESG_ATTR_FLAG, 1);
  H5Pset_shared_mesg_index(creation, 1, H5O_SHMESG_FILL_FLAG | H5O_SHMESG_PLINE_FLAG, 1);
  H5Pset_shared_mesg_phase_change(creation, 10, 5);
  hid_t file = H5Fcreate("shared.h5", H5F_ACC_TRUNC, creation, H5P_DEFAULT);
  hsize_t lengths[2] = {6, 4}, maximum[2] = {H5S_UNLIMITED, 4}, chunk[2] = {3, 4};
  hid_t space = H5Screate_simple(2, lengths, maximum);
  hid_t properties = H5Pcreate(H5P_DATASET_CREATE);
  int fill = -7;
  H5Pset_chunk(properties, 2, chunk);
  H5Pset_shuffle(properties);
  H5Pset_deflate(properties, 4);
  H5Pset_fill_value(properties, H5T_NATIVE_INT, &fill);
  H5Pset_obj_track_times(properties, 0);
  hid_t committed = H5Tcopy(H5T_STD_I16BE);
  H5Tcommit2(file, "type", committed, H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT);
  hid_t scalar = H5Screate(H5S_SCALAR);
  for (int index = 0; index < 8; index++) {
    char name[16];
    sprintf(name, "d%d", index);
    if (index == 6) H5Pset_attr_creation_order(properties, H5P_CRT_ORDER_TRACKED | H5P_CRT_ORDER_INDEXED);
    hid_t dataset = H5Dcreate2(file, name, index == 7 ? committed : H5T_STD_I32LE, space, H5P_DEFAULT, properties, H5P_DEFAULT);
    int value = 5;
    attribute(dataset, "equal", H5T_STD_I32LE, scalar, &value);
    attribute(dataset, "own", committed, scalar, &index);
    // More attributes than a header holds: those of d6 are in a heap of their own, the shared ones in that of shared messages.
    for (int number = 0; index == 6 && number < 12; number++) {
      sprintf(name, "a%d", number);
      attribute(dataset, name, H5T_STD_I32LE, scalar, &number);
    }
    H5Dclose(dataset);
  }
  H5Fclose(file);
  return 0;
}
