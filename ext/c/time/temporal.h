/* The features of any values, float64 or float32: two sweeps over them and, for percentiles, a selection. */

#ifndef TEMPORAL_H
#define TEMPORAL_H

#include "findings.h"

#define REAL_BITS 64
#include "real.h"
#include "lanes.h"
#include "sweep.h"
#include "select.h"
#include "describe.h"
#undef REAL_BITS

#define REAL_BITS 32
#include "real.h"
#include "lanes.h"
#include "sweep.h"
#include "select.h"
#include "describe.h"
#undef REAL_BITS

/* Bytes that a run over windows of up to n values needs to work in: two lists of values and the numbers of buckets. */
static inline Py_ssize_t temporal_scratch(Py_ssize_t n) { return n * (2 * (Py_ssize_t)sizeof(double) + 1); }

#endif
