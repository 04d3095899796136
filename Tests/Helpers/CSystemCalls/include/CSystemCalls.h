// Stands between a test program and the C library: takes down what the program asks of the system, and lets calls fail, come back
// short, or be the last thing that the program does. A program that links this has it for all its code.
#pragma once

/// Arms a fault, written `CALL:NTH:kill`, `CALL:NTH:error:ERRNO` or `CALL:NTH:limit:BYTES`. NTH counts from 1 from now on;
/// 0 means every call.
/// Returns 0 when the text means nothing, or there are too many.
int system_calls_fault(const char *text);

/// From now on files below /proc and /sys are opened below this folder instead. The text must stay alive.
void system_calls_root(const char *folder);

/// Takes calls down from now on and writes them to standard error when the program ends, one a line.
void system_calls_print(void);

/// How many threads wait for a condition.
int system_calls_waiting(void);

/// How many times a thread has been asked for.
int system_calls_threads(void);

/// Leaves this process the first of its cores. Returns 0 when the system does not know how.
int system_calls_one_core(void);

/// Calls `body` on a thread of its own and waits for it.
void system_calls_on_a_thread(void (*body)(void));
