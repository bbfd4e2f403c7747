"""A writer for the safetensors format: eight bytes of header length, a JSON header, the tensors' bytes."""

import json

import numpy as np

DTYPES = {"float32": "F32", "float64": "F64", "int64": "I64", "uint8": "U8"}


def save(path, tensors, metadata=None):
    """tensors: name -> array, written in the given order; metadata: name -> anything, written as strings."""
    header = {}
    if metadata:
        header["__metadata__"] = {k: v if isinstance(v, str) else json.dumps(v) for k, v in metadata.items()}
    blobs, offset = [], 0
    for name, array in tensors.items():
        array = np.asarray(array)
        blob = array.astype(array.dtype.newbyteorder("<")).tobytes()
        header[name] = {"dtype": DTYPES[array.dtype.name], "shape": list(array.shape),
                        "data_offsets": [offset, offset + len(blob)]}
        blobs.append(blob)
        offset += len(blob)
    text = json.dumps(header, separators=(",", ":")).encode("utf-8")
    text += b" " * (-len(text) % 8)
    with open(path, "wb") as out:
        out.write(len(text).to_bytes(8, "little"))
        out.write(text)
        for blob in blobs:
            out.write(blob)
