#include "CHDF5Driver.h"

#include <stdlib.h>
#include <string.h>
#if H5_VERSION_GE(1, 13, 0)
#include <H5FDdevelop.h>
#endif

typedef struct {
  H5FD_t base;  // first, as libhdf5 wants it
  iolink_h5fd_calls calls;
  void *file;
  haddr_t eoa;
} driver_file;

static struct { int is_on, is_noted; uint64_t address, size; } capture;

void iolink_h5fd_capture(int is_on) { capture.is_on = is_on; capture.is_noted = 0; }

int iolink_h5fd_captured(uint64_t *address, uint64_t *size) {
  int is_noted = capture.is_noted;
  *address = capture.address;
  *size = capture.size;
  capture.is_noted = 0;
  return is_noted;
}

static void *calls_copy(const void *calls) {
  void *copy = malloc(sizeof(iolink_h5fd_calls));
  return copy ? memcpy(copy, calls, sizeof(iolink_h5fd_calls)) : NULL;
}

static herr_t calls_free(void *calls) { free(calls); return 0; }

// What the library opens the sources of a virtual dataset with.
static void *driver_calls(H5FD_t *base) { return calls_copy(&((driver_file *)base)->calls); }

static H5FD_t *driver_open(const char *name, unsigned flags, hid_t access_list, haddr_t maximum) {
  (void)maximum;
  const iolink_h5fd_calls *calls = H5Pget_driver_info(access_list);
  if (!calls || ((flags & H5F_ACC_RDWR) && !calls->write)) return NULL;
  void *found = calls->open(calls->context, name);
  if (!found) return NULL;
  driver_file *file = calloc(1, sizeof *file);
  if (!file) { calls->close(found); return NULL; }
  file->calls = *calls;
  file->file = found;
  return &file->base;
}

static herr_t driver_close(H5FD_t *base) {
  driver_file *file = (driver_file *)base;
  file->calls.close(file->file);
  free(file);
  return 0;
}

// A file that is only read is read block by block, so that each can be looked at before the library believes it.
static herr_t driver_query(const H5FD_t *base, unsigned long *flags) {
  *flags = H5FD_FEAT_AGGREGATE_METADATA | H5FD_FEAT_DATA_SIEVE | H5FD_FEAT_AGGREGATE_SMALLDATA |
           H5FD_FEAT_DEFAULT_VFD_COMPATIBLE;
  if (!base || ((const driver_file *)base)->calls.write) *flags |= H5FD_FEAT_ACCUMULATE_METADATA;
  return 0;
}

static haddr_t driver_eoa(const H5FD_t *base, H5FD_mem_t type) { (void)type; return ((const driver_file *)base)->eoa; }

static herr_t driver_set_eoa(H5FD_t *base, H5FD_mem_t type, haddr_t eoa) {
  (void)type;
  ((driver_file *)base)->eoa = eoa;
  return 0;
}

static haddr_t driver_eof(const H5FD_t *base, H5FD_mem_t type) {
  (void)type;
  const driver_file *file = (const driver_file *)base;
  int64_t size = file->calls.size(file->file);
  return size < 0 ? HADDR_UNDEF : (haddr_t)size;
}

static herr_t driver_read(H5FD_t *base, H5FD_mem_t type, hid_t list, haddr_t address, size_t size, void *bytes) {
  (void)list;
  driver_file *file = (driver_file *)base;
  if (capture.is_on && type == H5FD_MEM_DRAW) {
    capture.is_noted = 1;
    capture.address = address;
    capture.size = size;
    return 0;
  }
  if (file->calls.write) {  // what was allocated and not yet written reads as zeros
    int64_t end = file->calls.size(file->file);
    if (end < 0) return -1;
    size_t present = address >= (haddr_t)end ? 0 : (haddr_t)end - address < size ? (size_t)(end - (int64_t)address) : size;
    memset((char *)bytes + present, 0, size - present);
    size = present;
  }
  return size == 0 ? 0 : file->calls.read(file->file, address, size, bytes);
}

static herr_t driver_write(H5FD_t *base, H5FD_mem_t type, hid_t list, haddr_t address, size_t size, const void *bytes) {
  (void)type;
  (void)list;
  driver_file *file = (driver_file *)base;
  return file->calls.write ? file->calls.write(file->file, address, size, bytes) : -1;
}

static herr_t driver_truncate(H5FD_t *base, hid_t list, hbool_t is_closing) {
  (void)list;
  (void)is_closing;
  driver_file *file = (driver_file *)base;
  if (!file->calls.write || file->calls.size(file->file) == (int64_t)file->eoa) return 0;
  return file->calls.truncate(file->file, file->eoa);
}

static const H5FD_class_t driver_class = {
#if H5_VERSION_GE(1, 14, 0)
    .version = H5FD_CLASS_VERSION,
#endif
#if H5_VERSION_GE(1, 13, 0)
    .value = (H5FD_class_value_t)513,
#endif
    .name = "iolink",
    .maxaddr = (haddr_t)INT64_MAX,
    .fc_degree = H5F_CLOSE_STRONG,
    .fapl_size = sizeof(iolink_h5fd_calls),
    .fapl_get = driver_calls,
    .fapl_copy = calls_copy,
    .fapl_free = calls_free,
    .open = driver_open,
    .close = driver_close,
    .query = driver_query,
    .get_eoa = driver_eoa,
    .set_eoa = driver_set_eoa,
    .get_eof = driver_eof,
    .read = driver_read,
    .write = driver_write,
    .truncate = driver_truncate,
    .fl_map = H5FD_FLMAP_DICHOTOMY,
};

int iolink_h5fd_set(hid_t access_list, const iolink_h5fd_calls *calls) {
  static hid_t driver = -1;  // under the caller's lock
  if (driver < 0) driver = H5FDregister(&driver_class);
  return driver < 0 || H5Pset_driver(access_list, driver, calls) < 0 ? -1 : 0;
}
