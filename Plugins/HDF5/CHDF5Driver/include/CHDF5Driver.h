// A file driver for libhdf5 whose bytes come from, and go to, the caller.
#pragma once
#define H5_USE_110_API
#include <hdf5.h>
#include <stdint.h>

/// What the driver calls. A file is whatever `open` gave. All calls return 0 on success and -1 on failure.
typedef struct iolink_h5fd_calls {
  void *context;
  /// The file of that name; NULL refuses it.
  void *(*open)(void *context, const char *name);
  void (*close)(void *file);
  int64_t (*size)(void *file);
  int (*read)(void *file, uint64_t address, size_t count, void *bytes);
  /// NULL for a file that is only read.
  int (*write)(void *file, uint64_t address, size_t count, const void *bytes);
  int (*truncate)(void *file, uint64_t size);
} iolink_h5fd_calls;

/// Makes files under this access list come from `calls`, which are copied.
int iolink_h5fd_set(hid_t access_list, const iolink_h5fd_calls *calls);

/// While capturing, reads of raw data succeed without reading, and are noted. One at a time: the caller holds a lock.
void iolink_h5fd_capture(int is_on);

/// Where the last captured read was; 0 when there was none since the last call.
int iolink_h5fd_captured(uint64_t *address, uint64_t *size);
