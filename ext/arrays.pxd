"""C memory, and checked ways between it and arrays. Under the limited API a typed memoryview costs 0.5 us more each."""

from cpython.buffer cimport PyBUF_FORMAT, PyBUF_ND, PyBUF_WRITABLE, PyBuffer_Release
from libc.stdlib cimport calloc
from libc.string cimport memcpy

cdef extern from "Python.h":
    int PyObject_GetBuffer(object exporter, Py_buffer* view, int flags) noexcept
    void PyErr_Clear() noexcept


cdef inline void* allocate(size_t items, size_t size) except NULL:
    """Zeroed memory, to be freed by who asks."""
    cdef void* memory = calloc(items if items else 1, size)
    if memory == NULL:
        raise MemoryError
    return memory


cdef inline bint is_open(object array, Py_buffer* view, int flags, char kind) noexcept:
    """Open `array` if it is a contiguous one of float64 ('d'), int64 ('l') or uint8 ('B'); whoever asks closes it."""
    if PyObject_GetBuffer(array, view, flags | PyBUF_FORMAT | PyBUF_ND) < 0:
        PyErr_Clear()
        return False
    cdef char found = view.format[0]
    if found == c'q' and view.itemsize == 8:
        found = c'l'
    if found == kind and view.format[1] == 0 and view.itemsize == (1 if kind == c'B' else 8):
        return True
    PyBuffer_Release(view)
    return False


cdef inline bint has_shape(Py_buffer* view, Py_ssize_t rows, Py_ssize_t columns) noexcept:
    """Whether the shape is (rows,), or (rows, columns) when `columns` is not -1."""
    if columns < 0:
        return view.ndim == 1 and view.shape[0] == rows
    return view.ndim == 2 and view.shape[0] == rows and view.shape[1] == columns


cdef inline bint copy_in(object array, void* target, char kind, Py_ssize_t rows) noexcept:
    """Copy all of an array of `rows` items; False (and nothing copied) when it is not such an array."""
    cdef Py_buffer view
    if not is_open(array, &view, 0, kind):
        return False
    cdef bint fits = has_shape(&view, rows, -1)
    if fits:
        memcpy(target, view.buf, view.len)
    PyBuffer_Release(&view)
    return fits


cdef inline bint copy_out(const void* origin, object array, char kind, Py_ssize_t rows, Py_ssize_t columns) noexcept:
    """Fill a writable array of this shape; False (and nothing copied) when it is not such an array."""
    cdef Py_buffer view
    if not is_open(array, &view, PyBUF_WRITABLE, kind):
        return False
    cdef bint fits = has_shape(&view, rows, columns)
    if fits:
        memcpy(view.buf, origin, view.len)
    PyBuffer_Release(&view)
    return fits
