// Later versions of the library give these functions other parameters unless they are asked for those of 1.10.
#define H5_USE_110_API
#include <hdf5.h>

// What the library defines as macros, which Swift does not import.

static inline hid_t hdf5Open(const char *path) { return H5Fopen(path, H5F_ACC_RDONLY, H5P_DEFAULT); }

static inline hid_t hdf5OpenObject(hid_t group, const char *name) { return H5Oopen(group, name, H5P_DEFAULT); }

static inline void hdf5SilenceErrors(void) { H5Eset_auto2(H5E_DEFAULT, NULL, NULL); }

static inline haddr_t hdf5Address(hid_t object) {
  H5O_info_t info;
  return H5Oget_info(object, &info) < 0 ? HADDR_UNDEF : info.addr;
}

static inline int hdf5IsHardLink(hid_t group, const char *name) {
  H5L_info_t info;
  return H5Lget_info(group, name, &info, H5P_DEFAULT) >= 0 && info.type == H5L_TYPE_HARD;
}

static inline ssize_t hdf5LinkName(hid_t group, int inOrderOfCreation, hsize_t number, char *name, size_t size) {
  return H5Lget_name_by_idx(
      group, ".", inOrderOfCreation ? H5_INDEX_CRT_ORDER : H5_INDEX_NAME, H5_ITER_INC, number, name, size, H5P_DEFAULT);
}

static inline hid_t hdf5Attribute(hid_t object, int inOrderOfCreation, hsize_t number) {
  return H5Aopen_by_idx(
      object, ".", inOrderOfCreation ? H5_INDEX_CRT_ORDER : H5_INDEX_NAME, H5_ITER_INC, number, H5P_DEFAULT, H5P_DEFAULT);
}

static inline int hdf5AttributeCount(hid_t object) { return H5Aget_num_attrs(object); }

static inline int hdf5IsObjectReference(hid_t type) { return H5Tequal(type, H5T_STD_REF_OBJ) > 0; }

static inline H5Z_filter_t hdf5Filter(hid_t properties, unsigned number, size_t *count, unsigned *values) {
  unsigned flags;
  return H5Pget_filter2(properties, number, &flags, count, values, 0, NULL, NULL);
}

static const hsize_t hdf5Unlimited = H5S_UNLIMITED;
static const haddr_t hdf5UndefinedAddress = HADDR_UNDEF;
