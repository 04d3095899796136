#ifndef C_FORK_SUPPORT_H
#define C_FORK_SUPPORT_H

/// Calls `body` in a forked child, because Swift does not offer `fork`. The child exits with the status that `body` returns.
/// Returns that status, or -1 if the child was ended by a signal.
int run_in_forked_child(int (*body)(void));

#endif
