"""The structs, callbacks and constants of include/pixcl/*.h that the package uses, under their names there.

A test compares every size and offset with what a C compiler makes of the headers.
"""

from __future__ import annotations

import ctypes
from ctypes import POINTER, Structure, c_bool, c_char, c_char_p, c_double, c_float, c_int, c_int64, c_size_t, c_ssize_t
from ctypes import c_int64, c_uint8, c_uint, c_uint64, c_void_p

# error.h


class pixcl_error(Structure):
    _fields_ = [("status", c_int), ("message", c_char * 1024)]


# context.h

PIXCL_LOG_ERROR = 0
PIXCL_LOG_WARNING = 1
PIXCL_LOG_INFO = 2
PIXCL_LOG_DEBUG = 3

pixcl_log_fn = ctypes.CFUNCTYPE(None, c_void_p, c_int, c_char_p)
pixcl_stop_fn = ctypes.CFUNCTYPE(c_bool, c_void_p)

# tensor.h

PIXCL_UINT8 = 0
PIXCL_FLOAT32 = 1


class pixcl_tensor(Structure):
    _fields_ = [
        ("data", c_void_p),
        ("dtype", c_int),
        ("n", c_int),
        ("channels", c_int),
        ("height", c_int),
        ("width", c_int),
        ("strides", c_ssize_t * 4),
    ]


class pixcl_weight(Structure):
    _fields_ = [("name", c_char * 256), ("rank", c_int), ("shape", c_int64 * 4), ("count", c_size_t)]


# image.h


class pixcl_image(Structure):
    _fields_ = [("width", c_int), ("height", c_int), ("channels", c_int), ("pixels", POINTER(c_uint8))]


# options.h

PIXCL_FOR_TRAIN = 1
PIXCL_FOR_TEST = 2
PIXCL_FOR_TRANSLATE = 4
PIXCL_FOR_PLAN = 8
PIXCL_FOR_BENCH = 16
PIXCL_FOR_CHECK = 32
PIXCL_FOR_TUNE = 64

PIXCL_KIND_TEXT = 0
PIXCL_KIND_CHOICE = 1
PIXCL_KIND_INT = 2
PIXCL_KIND_FLOAT = 3
PIXCL_KIND_FLAG = 4


class pixcl_option_info(Structure):
    _fields_ = [
        ("name", c_char_p),
        ("kind", c_int),
        ("group", c_int),
        ("commands", c_uint),
        ("lowest", c_double),
        ("highest", c_double),
        ("choices", c_char_p),
        ("help", c_char_p),
    ]


# trainer.h

PIXCL_MAX_LOSSES = 16


class pixcl_progress(Structure):
    _fields_ = [
        ("epoch", c_int),
        ("epochs", c_int),
        ("step", c_int64),
        ("steps", c_int64),
        ("iter", c_int64),
        ("iters", c_int64),
        ("lr", c_double),
        ("seconds", c_double),
        ("images_per_second", c_double),
        ("eta_seconds", c_double),
        ("logged", c_bool),
        ("loss_count", c_int),
        ("loss_names", POINTER(c_char_p)),
        ("losses", c_float * PIXCL_MAX_LOSSES),
    ]


pixcl_progress_fn = ctypes.CFUNCTYPE(None, c_void_p, POINTER(pixcl_progress))

# compare.h


class pixcl_metrics(Structure):
    _fields_ = [("l1", c_double), ("psnr", c_double), ("ssim", c_double)]


# distance.h

PIXCL_SWD_MOST_LEVELS = 12


class pixcl_swd_distance(Structure):
    _fields_ = [("levels", c_int), ("level", c_double * PIXCL_SWD_MOST_LEVELS), ("mean", c_double)]


# check.h


class pixcl_check_row(Structure):
    _fields_ = [
        ("group", c_char_p),
        ("name", c_char_p),
        ("lowering", c_char_p),
        ("error", c_double),
        ("allowed", c_double),
        ("passed", c_bool),
        ("message", c_char_p),
    ]


class pixcl_check_result(Structure):
    _fields_ = [("device", c_char * 128), ("driver", c_char * 128), ("rows", c_int), ("failed", c_int)]


check_row_fn = ctypes.CFUNCTYPE(None, c_void_p, POINTER(pixcl_check_row))


class pixcl_check_options(Structure):
    _fields_ = [("device", c_char_p), ("only", c_char_p), ("user", c_void_p), ("row", check_row_fn)]


# checkpoint.h


class pixcl_show_params(Structure):
    _fields_ = [("tensors", c_bool), ("json", c_bool), ("verify", c_bool)]


convert_written_fn = ctypes.CFUNCTYPE(None, c_void_p, c_char_p, c_size_t)


class pixcl_convert_params(Structure):
    _fields_ = [
        ("format", c_char_p),
        ("direction", c_char_p),
        ("network", c_char_p),
        ("eval", c_bool),
        ("half", c_bool),
        ("user", c_void_p),
        ("written", convert_written_fn),
    ]


# device.h


class pixcl_device_list_params(Structure):
    _fields_ = [("device", c_char_p), ("measure", c_bool), ("timeout_seconds", c_double)]


# synth.h


class pixcl_synth_options(Structure):
    _fields_ = [
        ("folder", c_char_p),
        ("kind", c_char_p),
        ("size", c_int),
        ("train", c_int),
        ("val", c_int),
        ("test", c_int),
        ("seed", c_uint64),
        ("quality", c_int),
    ]
