// Intercepts system calls between a test program and the C library. It records the calls of the program, and makes chosen calls
// fail, transfer fewer bytes, or end the program. It affects all code of a program that links it.
#pragma once

/// Arms a fault, written `CALL:NTH:kill`, `CALL:NTH:error:ERRNO` or `CALL:NTH:limit:BYTES`. NTH counts calls from now on, beginning
/// with 1; 0 means every call. The call `open_unnamed` is an open of a file without a name, and `link` is `linkat`. Returns 0 if the
/// text is not valid or there are too many faults.
int system_calls_fault(const char *text);

/// Redirects later opens of files below /proc and /sys to this folder. The text must stay alive.
void system_calls_root(const char *folder);

/// Records calls from now on, and writes them to standard error when the program ends, one per line.
void system_calls_print(void);

/// The number of threads that wait for a condition.
int system_calls_waiting(void);

/// The number of times that a thread has been requested.
int system_calls_threads(void);

/// Restricts this process to the first of its cores. Returns 0 if the system does not support this.
int system_calls_one_core(void);

/// Calls `body` on a new thread and waits for it.
void system_calls_on_a_thread(void (*body)(void));
