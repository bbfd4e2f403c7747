"""The functions of include/pixcl/*.h that the package calls: what each returns and takes.

A handle, and a text that is to be freed, is a c_void_p; a text that lives on in the library is a c_char_p. A test holds
the table against the headers.
"""

from __future__ import annotations

from ctypes import POINTER, c_bool, c_char_p, c_float, c_int, c_size_t, c_uint64, c_void_p
from typing import Any

from . import _structs as s

STATUS = c_int  # a pixcl_status
_error = POINTER(s.pixcl_error)
_image = POINTER(s.pixcl_image)
_floats = POINTER(c_float)
_handle = POINTER(c_void_p)  # a handle that is cleared

SIGNATURES: dict[str, tuple[Any, list[Any]]] = {
    "pixcl_free": (None, [c_void_p]),
    # context.h
    "pixcl_version": (c_char_p, []),
    "pixcl_context_create": (c_void_p, [c_void_p, _error]),
    "pixcl_context_destroy": (None, [_handle]),
    "pixcl_context_set_log": (None, [c_void_p, s.pixcl_log_fn, c_void_p, c_int]),
    "pixcl_context_set_stop": (None, [c_void_p, s.pixcl_stop_fn, c_void_p]),
    "pixcl_context_set_cache": (STATUS, [c_void_p, c_char_p, _error]),
    "pixcl_context_set_device": (STATUS, [c_void_p, c_char_p, _error]),
    # options.h
    "pixcl_options_create": (c_void_p, [c_int, _error]),
    "pixcl_options_destroy": (None, [_handle]),
    "pixcl_option_at": (POINTER(s.pixcl_option_info), [c_int]),
    "pixcl_option_find": (POINTER(s.pixcl_option_info), [c_char_p]),
    "pixcl_options_set": (STATUS, [c_void_p, c_char_p, c_char_p, _error]),
    "pixcl_options_to_json": (c_void_p, [c_void_p, _error]),
    "pixcl_options_run_folder": (STATUS, [c_void_p, c_char_p, c_size_t, _error]),
    # image.h
    "pixcl_image_destroy": (None, [POINTER(_image)]),
    "pixcl_image_load": (_image, [c_char_p, _error]),
    "pixcl_image_save": (STATUS, [_image, c_char_p, c_int, _error]),
    # generator.h
    "pixcl_generator_open": (c_void_p, [c_void_p, c_char_p, c_void_p, _error]),
    "pixcl_generator_close": (None, [_handle]),
    "pixcl_generator_input_nc": (c_int, [c_void_p]),
    "pixcl_generator_output_nc": (c_int, [c_void_p]),
    "pixcl_generator_translate": (STATUS, [c_void_p, _image, POINTER(_image), _error]),
    "pixcl_generator_run": (STATUS, [c_void_p, POINTER(s.pixcl_tensor), POINTER(s.pixcl_tensor), _error]),
    "pixcl_generator_weight_count": (c_size_t, [c_void_p]),
    "pixcl_generator_weight_at": (STATUS, [c_void_p, c_size_t, POINTER(s.pixcl_weight), _error]),
    "pixcl_generator_weight_get": (STATUS, [c_void_p, c_char_p, _floats, c_size_t, _error]),
    "pixcl_generator_weight_set": (STATUS, [c_void_p, c_char_p, _floats, c_size_t, _error]),
    # trainer.h
    "pixcl_trainer_create": (c_void_p, [c_void_p, c_void_p, s.pixcl_progress_fn, c_void_p, _error]),
    "pixcl_trainer_destroy": (None, [_handle]),
    "pixcl_trainer_run": (STATUS, [c_void_p, _error]),
    "pixcl_trainer_step": (STATUS, [c_void_p, POINTER(c_bool), _error]),
    "pixcl_trainer_feed": (STATUS, [c_void_p, POINTER(s.pixcl_tensor), POINTER(s.pixcl_tensor), _error]),
    "pixcl_trainer_end_epoch": (STATUS, [c_void_p, _error]),
    "pixcl_trainer_losses": (STATUS, [c_void_p, POINTER(s.pixcl_progress), _error]),
    "pixcl_trainer_save": (STATUS, [c_void_p, _error]),
    "pixcl_trainer_visual_name": (c_char_p, [c_void_p, c_int]),
    "pixcl_trainer_visual": (_image, [c_void_p, c_char_p, _error]),
    "pixcl_trainer_network": (c_char_p, [c_void_p, c_int]),
    "pixcl_trainer_weight_count": (c_size_t, [c_void_p, c_char_p]),
    "pixcl_trainer_weight_at": (STATUS, [c_void_p, c_char_p, c_size_t, POINTER(s.pixcl_weight), _error]),
    "pixcl_trainer_weight_get": (STATUS, [c_void_p, c_char_p, c_char_p, _floats, c_size_t, _error]),
    "pixcl_trainer_weight_set": (STATUS, [c_void_p, c_char_p, c_char_p, _floats, c_size_t, _error]),
    "pixcl_trainer_options": (c_void_p, [c_void_p]),
    # device.h
    "pixcl_device_list_create": (c_void_p, [c_void_p, POINTER(s.pixcl_device_list_params), _error]),
    "pixcl_device_list_destroy": (None, [_handle]),
    "pixcl_device_list_json": (c_char_p, [c_void_p]),
    # check.h, checkpoint.h, compare.h, distance.h, synth.h
    "pixcl_check": (STATUS, [c_void_p, POINTER(s.pixcl_check_options), POINTER(s.pixcl_check_result), _error]),
    "pixcl_show": (c_void_p, [c_void_p, c_char_p, POINTER(s.pixcl_show_params), _error]),
    "pixcl_convert": (STATUS, [c_void_p, c_char_p, c_char_p, POINTER(s.pixcl_convert_params), _error]),
    "pixcl_compare": (STATUS, [_image, _image, POINTER(s.pixcl_metrics), _error]),
    "pixcl_swd_create": (c_void_p, [c_int, c_uint64, _error]),
    "pixcl_swd_add": (STATUS, [c_void_p, c_int, _image, _error]),
    "pixcl_swd_result": (STATUS, [c_void_p, POINTER(s.pixcl_swd_distance), _error]),
    "pixcl_swd_destroy": (None, [_handle]),
    "pixcl_synth": (STATUS, [c_void_p, POINTER(s.pixcl_synth_options), _error]),
}
