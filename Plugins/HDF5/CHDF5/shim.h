// libhdf5 1.10 or later, by the names it had in 1.10; and its macros, which Swift cannot see, as functions.
#pragma once
#define H5_USE_110_API
#include <hdf5.h>

static inline hid_t iolink_h5p_file_create(void) { return H5P_FILE_CREATE; }
static inline hid_t iolink_h5p_file_access(void) { return H5P_FILE_ACCESS; }
static inline hid_t iolink_h5p_dataset_create(void) { return H5P_DATASET_CREATE; }
static inline hid_t iolink_h5p_dataset_access(void) { return H5P_DATASET_ACCESS; }
static inline hid_t iolink_h5p_link_create(void) { return H5P_LINK_CREATE; }
static inline unsigned iolink_h5f_rdonly(void) { return H5F_ACC_RDONLY; }
static inline unsigned iolink_h5f_trunc(void) { return H5F_ACC_TRUNC; }
static inline hsize_t iolink_h5s_unlimited(void) { return H5S_UNLIMITED; }
static inline haddr_t iolink_haddr_undef(void) { return HADDR_UNDEF; }
static inline size_t iolink_h5t_variable(void) { return H5T_VARIABLE; }
static inline hid_t iolink_h5t_c_s1(void) { return H5T_C_S1; }
static inline unsigned iolink_h5l_external(void) { return H5L_TYPE_EXTERNAL; }

static inline hid_t iolink_h5t_integer(size_t size, int is_signed, int is_big) {
  switch (size) {
    case 1: return is_signed ? (is_big ? H5T_STD_I8BE : H5T_STD_I8LE) : (is_big ? H5T_STD_U8BE : H5T_STD_U8LE);
    case 2: return is_signed ? (is_big ? H5T_STD_I16BE : H5T_STD_I16LE) : (is_big ? H5T_STD_U16BE : H5T_STD_U16LE);
    case 4: return is_signed ? (is_big ? H5T_STD_I32BE : H5T_STD_I32LE) : (is_big ? H5T_STD_U32BE : H5T_STD_U32LE);
    case 8: return is_signed ? (is_big ? H5T_STD_I64BE : H5T_STD_I64LE) : (is_big ? H5T_STD_U64BE : H5T_STD_U64LE);
    default: return -1;
  }
}
static inline hid_t iolink_h5t_bitfield(size_t size, int is_big) {
  switch (size) {
    case 1: return is_big ? H5T_STD_B8BE : H5T_STD_B8LE;
    case 2: return is_big ? H5T_STD_B16BE : H5T_STD_B16LE;
    case 4: return is_big ? H5T_STD_B32BE : H5T_STD_B32LE;
    case 8: return is_big ? H5T_STD_B64BE : H5T_STD_B64LE;
    default: return -1;
  }
}
static inline hid_t iolink_h5t_float(size_t size, int is_big) {
  switch (size) {
    case 4: return is_big ? H5T_IEEE_F32BE : H5T_IEEE_F32LE;
    case 8: return is_big ? H5T_IEEE_F64BE : H5T_IEEE_F64LE;
    default: return -1;
  }
}
