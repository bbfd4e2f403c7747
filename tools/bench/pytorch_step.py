"""Times one training step of PyTorch, or a part of it, to be compared with `pixcl bench` in the same minutes.

Prints one JSON object: seconds_per_step (the median), the fastest and slowest step, and the process's peak memory
during the steps. Making the formula weights can take more memory than a forward pass; it is not counted.
--device cuda (NVIDIA's and AMD's builds) or xpu (Intel's) times a GPU, in float32 as pixcl computes. The result then
names the device and gives its peak memory. On GPUs where PyTorch uses TF32 by default, it gives the seconds in TF32 too.
The step is that of tools/golden/models.py, on one fixed batch, with the reference's defaults for --model; pix2pix has
its dropout unless --no_dropout, and CycleGAN no image pool: give pixcl --pool_size 0.
--part generator is the generator forward, and backward from the mean absolute error to all its weights, without Adam;
--part forward is the generator forward, without what a backward pass would need.
"""

import argparse
import json
import os
import resource
import statistics
import sys
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), os.pardir, "golden"))


def parse():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--model", default="pix2pix", choices=("pix2pix", "cycle_gan"))
    parser.add_argument("--part", default="step", choices=("step", "generator", "forward"))
    parser.add_argument("--netG", help="unet_<2^k> or resnet_<n>blocks")
    parser.add_argument("--netD")
    parser.add_argument("--n_layers_D", type=int)
    parser.add_argument("--ngf", type=int)
    parser.add_argument("--ndf", type=int)
    parser.add_argument("--norm")
    parser.add_argument("--gan_mode", choices=("vanilla", "lsgan"))
    parser.add_argument("--lambda_identity", type=float)
    parser.add_argument("--pool_size", type=int, choices=(0,), help="none here; for pixcl to be told the same")
    parser.add_argument("--crop_size", type=int, default=256)
    parser.add_argument("--batch_size", type=int, default=1)
    parser.add_argument("--no_dropout", action="store_true")
    parser.add_argument("--device", default="cpu", help="cpu, cuda or xpu, or as torch.device (default cpu)")
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--warmup", type=int, default=2, help="steps not counted (default 2)")
    parser.add_argument("--steps", type=int, default=10, help="steps counted (default 10)")
    parser.add_argument("--channels_last", action="store_true", help="PyTorch's other memory layout; it may be faster")
    parser.add_argument("--compile", action="store_true", help="the networks through torch.compile")
    args = parser.parse_args()
    if min(args.steps, args.threads, args.batch_size) < 1 or args.warmup < 0:
        parser.error("--steps, --threads and --batch_size are at least 1, --warmup at least 0")
    return args


def build(args):
    """A function that runs one step of the part, and the whole configuration."""
    import torch

    import models
    import reference_nets as nets
    import train_steps

    torch.set_num_threads(args.threads)
    torch.manual_seed(1)
    given = {name: value for name, value in vars(args).items() if value is not None}
    dropout = not args.no_dropout and args.model == "pix2pix"
    config = {name: given.get(name, usual) for name, usual in train_steps.COMMON[args.model].items()}
    config["no_dropout"] = not dropout
    layout = torch.channels_last if args.channels_last else torch.contiguous_format
    form = {"device": args.device, "memory_format": layout}
    shape = (args.batch_size, 3, args.crop_size, args.crop_size)
    a, b = ((torch.rand(shape) * 2 - 1).to(**form) for _ in range(2))
    if args.part == "step":
        model = models.create(config, dropout=dropout)
        for net in model.nets.values():
            net.to(**form)
            if args.compile:
                net.compile()
        return lambda: model.step(a, b), config
    g = nets.generator(config["netG"], 3, 3, config["ngf"], config["norm"], dropout)
    nets.fill(g, "G").train().to(**form)
    if args.compile:
        g.compile()

    def backward():
        g.zero_grad(set_to_none=True)
        torch.nn.functional.l1_loss(g(a), b).backward()

    @torch.no_grad()
    def forward():
        g(a)

    return backward if args.part == "generator" else forward, config


def accelerator(device):
    """The module of PyTorch that knows the device; None for a CPU."""
    import torch

    kind = torch.device(device).type
    return None if kind == "cpu" else getattr(torch, kind)


def time_steps(step, args):
    """Seconds of each step that counts. A GPU is waited for, before and after."""
    wait = getattr(accelerator(args.device), "synchronize", lambda: None)
    seconds = []
    for i in range(args.warmup + args.steps):
        wait()
        start = time.perf_counter()
        step()
        wait()
        if i >= args.warmup:
            seconds.append(time.perf_counter() - start)
    return seconds


def measure_gpu(step, args):
    """What there is to say of a GPU beside the seconds of a float32 step."""
    import torch

    gpu = accelerator(args.device)
    result = {"device": gpu.get_device_name(args.device)}
    if hasattr(gpu, "max_memory_allocated"):  # newer than XPUs
        result["device_peak_bytes"] = gpu.max_memory_allocated(args.device)
    if gpu is torch.cuda and torch.version.cuda and gpu.get_device_capability(args.device)[0] >= 8:
        torch.backends.cudnn.allow_tf32 = True  # the default
        result["tf32_seconds_per_step"] = statistics.median(time_steps(step, args))
    return result


def forget_peak():
    """From here on the peak of resident memory counts anew, for getrusage and for a parent's wait4 too."""
    try:
        with open("/proc/self/clear_refs", "w") as control:
            control.write("5")
    except OSError as error:
        print(f"pytorch_step: the peak of memory includes making the weights: {error}", file=sys.stderr)


def main():
    args = parse()
    import torch

    try:
        torch.empty(1, device=args.device)
    except (AssertionError, RuntimeError) as error:
        sys.exit(f"pytorch_step: --device {args.device}: {str(error).splitlines()[0]}")
    torch.backends.cudnn.allow_tf32 = torch.backends.cuda.matmul.allow_tf32 = False
    torch.backends.cudnn.benchmark = True  # as in the reference
    step, config = build(args)
    forget_peak()
    seconds = time_steps(step, args)
    peak_rss = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
    print(json.dumps({
        "part": args.part,
        "torch": torch.__version__,
        "threads": args.threads,
        "config": config,
        "channels_last": args.channels_last,
        "compile": args.compile,
        "steps": args.steps,
        "seconds_per_step": statistics.median(seconds),
        "seconds_min": min(seconds),
        "seconds_max": max(seconds),
        "peak_rss_bytes": peak_rss,
        **(measure_gpu(step, args) if accelerator(args.device) else {}),
    }))
    return 0


if __name__ == "__main__":
    sys.exit(main())
