"""Times a generator forward in ONNX Runtime or OpenVINO, to be compared with `pixcl bench --part forward`.

Prints one JSON object like pytorch_step.py. The generator is exported by PyTorch in eval mode, without dropout: both
runtimes then fold batch norm into the convolutions, which is less work than the normalisation by the picture's own
statistics that the reference, and pixcl, do when they translate.
"""

import argparse
import json
import os
import statistics
import sys
import tempfile
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), os.pardir, "golden"))


def parse():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--runtime", required=True, choices=("onnxruntime", "openvino"))
    parser.add_argument("--netG", required=True, help="unet_<2^k> or resnet_<n>blocks")
    parser.add_argument("--norm", default="batch")
    parser.add_argument("--crop_size", type=int, default=256)
    parser.add_argument("--batch_size", type=int, default=1)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--warmup", type=int, default=2, help="runs not counted (default 2)")
    parser.add_argument("--steps", type=int, default=10, help="runs counted (default 10)")
    args = parser.parse_args()
    if min(args.steps, args.threads, args.batch_size) < 1 or args.warmup < 0:
        parser.error("--steps, --threads and --batch_size are at least 1, --warmup at least 0")
    return args


def export(args, path):
    import torch

    import reference_nets as nets

    g = nets.fill(nets.generator(args.netG, 3, 3, 64, args.norm, False), "G").eval()
    x = torch.zeros(args.batch_size, 3, args.crop_size, args.crop_size)
    torch.onnx.export(g, (x,), path, input_names=["input"], output_names=["output"])


def in_onnxruntime(args, path):
    """The version, and a function that runs the model."""
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = args.threads
    session = onnxruntime.InferenceSession(path, options, providers=["CPUExecutionProvider"])
    return onnxruntime.__version__, lambda x: session.run(None, {"input": x})


def in_openvino(args, path):
    import openvino

    model = openvino.Core().compile_model(
        path, "CPU", {"INFERENCE_NUM_THREADS": args.threads, "PERFORMANCE_HINT": "LATENCY",
                      "INFERENCE_PRECISION_HINT": "f32"})
    request = model.create_infer_request()
    return openvino.__version__, lambda x: request.infer({0: x}, share_inputs=True, share_outputs=True)


def main():
    args = parse()
    import numpy

    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "generator.onnx")
        export(args, path)
        version, run = {"onnxruntime": in_onnxruntime, "openvino": in_openvino}[args.runtime](args, path)
        x = numpy.random.default_rng(1).uniform(-1, 1, (args.batch_size, 3, args.crop_size, args.crop_size))
        x = x.astype(numpy.float32)
        seconds = []
        for i in range(args.warmup + args.steps):
            start = time.perf_counter()
            run(x)
            if i >= args.warmup:
                seconds.append(time.perf_counter() - start)
    print(json.dumps({"runtime": args.runtime, "version": version, "threads": args.threads, "steps": args.steps,
                      "seconds_per_step": statistics.median(seconds), "seconds_min": min(seconds),
                      "seconds_max": max(seconds)}))
    return 0


if __name__ == "__main__":
    sys.exit(main())
