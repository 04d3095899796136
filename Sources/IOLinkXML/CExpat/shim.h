#ifndef IOLINK_CEXPAT_SHIM_H
#define IOLINK_CEXPAT_SHIM_H

#include <expat.h>

#endif
