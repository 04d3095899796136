// Python's stable ABI (3.11 and later), and what of it Swift cannot import: macros and variables.
#pragma once
#define PY_SSIZE_T_CLEAN
#define Py_LIMITED_API 0x030B0000
// Before Python.h, whose own settings would give fd_set other members than the same type has in Swift's Glibc.
#include <sys/select.h>
#include <Python.h>

#ifdef __linux__
#include <sys/syscall.h>
#include <unistd.h>
static inline int iolink_is_main_thread(void) { return syscall(SYS_gettid) == getpid(); }
#endif

static inline PyObject *iolink_none(void) { return Py_None; }
static inline PyObject *iolink_true(void) { return Py_True; }
static inline PyObject *iolink_false(void) { return Py_False; }
static inline PyObject *iolink_TypeError(void) { return PyExc_TypeError; }
static inline PyObject *iolink_ValueError(void) { return PyExc_ValueError; }
static inline PyObject *iolink_BufferError(void) { return PyExc_BufferError; }
static inline PyObject *iolink_KeyboardInterrupt(void) { return PyExc_KeyboardInterrupt; }
static inline PyObject *iolink_ImportError(void) { return PyExc_ImportError; }
static inline PyObject *iolink_IndexError(void) { return PyExc_IndexError; }
static inline PyObject *iolink_OverflowError(void) { return PyExc_OverflowError; }
static inline PyObject *iolink_SystemError(void) { return PyExc_SystemError; }
static inline PyTypeObject *iolink_type(PyObject *object) { return Py_TYPE(object); }
static inline int iolink_is_tuple(PyObject *object) { return PyTuple_Check(object); }
static inline int iolink_is_text(PyObject *object) { return PyUnicode_Check(object); }
static inline PyObject *iolink_ellipsis(void) { return Py_Ellipsis; }
// True and False do not count.
static inline int iolink_is_int(PyObject *object) { return PyLong_CheckExact(object); }
static inline int iolink_is_slice(PyObject *object) { return PySlice_Check(object); }
static inline int iolink_is_bytes(PyObject *object) { return PyBytes_Check(object); }

enum {
  Py_TPFLAGS_DEFAULT_VALUE = Py_TPFLAGS_DEFAULT,
  Py_TPFLAGS_BASETYPE_VALUE = Py_TPFLAGS_BASETYPE,
};

static inline PyModuleDef iolink_module(const char *name, PyMethodDef *methods) {
  PyModuleDef definition = {PyModuleDef_HEAD_INIT, .m_name = name, .m_size = -1, .m_methods = methods};
  return definition;
}

// DLPack 1.0, structures as its specification gives them.
typedef struct { uint32_t major, minor; } iolink_DLVersion;
typedef struct { int32_t type, id; } iolink_DLDevice;
typedef struct { uint8_t code, bits; uint16_t lanes; } iolink_DLType;
typedef struct {
  void *data;
  iolink_DLDevice device;
  int32_t rank;
  iolink_DLType type;
  int64_t *shape, *strides;
  uint64_t byte_offset;
} iolink_DLTensor;
typedef struct iolink_DLManaged {
  iolink_DLTensor tensor;
  void *context;
  void (*deleter)(struct iolink_DLManaged *);
} iolink_DLManaged;
typedef struct iolink_DLManagedVersioned {
  iolink_DLVersion version;
  void *context;
  void (*deleter)(struct iolink_DLManagedVersioned *);
  uint64_t flags;
  iolink_DLTensor tensor;
} iolink_DLManagedVersioned;

enum { PyBUF_RECORDS_RO_VALUE = PyBUF_RECORDS_RO, PyBUF_RECORDS_VALUE = PyBUF_RECORDS };

static inline int iolink_is_main_interpreter(void) { return PyInterpreterState_GetID(PyInterpreterState_Get()) == 0; }
