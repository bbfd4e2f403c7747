"""Checks an ONNX model and compares what onnxruntime makes of a picture with what pixcl made of it.

usage: onnx_compare.py MODEL INPUT OUTPUT
"""

import sys

import numpy
import onnx
import onnxruntime
from PIL import Image

MOST = 1.5  # of 255: rounding to whole numbers in OUTPUT is 0.5 of it


def planes(path, channels):
    image = Image.open(path).convert("L" if channels == 1 else "RGB")
    pixels = numpy.asarray(image, numpy.float32).reshape(image.height, image.width, channels)
    return (pixels.transpose(2, 0, 1)[None] / 127.5 - 1).astype(numpy.float32)


def main(model_path, input_path, output_path):
    model = onnx.load(model_path)
    onnx.checker.check_model(model, full_check=True)
    used = {name for node in model.graph.node for name in node.input}
    unused = [tensor.name for tensor in model.graph.initializer if tensor.name not in used]
    assert not unused, unused
    metadata = {entry.key: entry.value for entry in model.metadata_props}
    assert model.opset_import[0].version == 13, model.opset_import
    assert metadata["output_channels"] in ("grey", "RGB"), metadata
    shape = [dim.dim_param or dim.dim_value for dim in model.graph.input[0].type.tensor_type.shape.dim]
    assert shape[0] == "batch" and shape[2:] == ["height", "width"], shape
    session = onnxruntime.InferenceSession(model_path, providers=["CPUExecutionProvider"])
    batch = planes(input_path, shape[1])
    multiple = int(metadata["sides_are_multiples_of"])
    assert batch.shape[2] % multiple == 0 and batch.shape[3] % multiple == 0, (batch.shape, multiple)
    made = session.run(["output"], {"input": batch})[0]
    expected = planes(output_path, made.shape[1])
    worst = float(numpy.abs(made - expected).max()) * 127.5
    # Pictures of a batch do not know of each other.
    twice = session.run(["output"], {"input": numpy.concatenate([batch[:, :, ::-1], batch])})[0][1:]
    apart = float(numpy.abs(made - twice).max()) * 127.5
    print("%s: %.2f of 255 at most; in a batch %.4f" % (model_path, worst, apart))
    return 0 if worst <= MOST and apart <= 0.1 else 1


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
