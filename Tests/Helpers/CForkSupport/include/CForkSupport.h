#ifndef C_FORK_SUPPORT_H
#define C_FORK_SUPPORT_H

/// Calls `body` in a forked child, which ends with the status it returns. Swift does not offer `fork`.
/// Returns that status, or -1 when the child did not end by itself.
int run_in_forked_child(int (*body)(void));

#endif
