"""Day -> night and back with CycleGAN, on synthetic pictures without pairs whose truth is known.

By day a disc is red, a square blue, a triangle yellow; by night they are outlined in cyan, orange and purple. Training
sees other scenes by day than by night. Each test picture has its truth, the same scene in the other look.
"""

import os

import png
from comparisons import CYCLE, DAY, NIGHT
from score import Classifier, Result, read_metrics
from stages import key_of, read_json, write_json


class View:
    """Test pictures with their truths as pairs, which pixcl test takes, and what it calls them."""

    def __init__(self, name, target, folders, labels, palette):
        self.name, self.target = name, target
        self.folders = folders  # by day, by night
        self.input, self.output, self.truth = labels
        self.classify = Classifier(palette)


VIEWS = (View("by_day", "night", ("testA", "testA_truth"), ("real_A", "fake_B", "real_B"), NIGHT),
         View("by_night", "day", ("testB_truth", "testB"), ("real_B", "fake_A", "real_A"), DAY))


def difference(a, b):
    """L1 as pixcl test has it."""
    return sum(abs(x - y) for x, y in zip(a.pixels, b.pixels, strict=True)) / (255 * len(a.pixels))


class Cycle:
    runs = CYCLE
    input_title, target_title = "input", "truth"
    floor = "the truth of another scene"

    def __init__(self, stages, size, seed):
        self.stages, self.size, self.seed = stages, size, ["--seed", seed]
        os.makedirs(stages.path("judged"), exist_ok=True)

    def about(self):
        return (f"CycleGAN: synthetic scenes by day and by night without pairs, {self.size.cycle_pixels} pixels a "
                f"side, {len(self.inputs)} test pictures, half each way. Their truth is known; a pixel is of the class "
                "with the nearest colour, in the output and in the truth.")

    def run(self, wanted):
        """Trains and measures the wanted ones of the runs. Returns their results by name."""
        size = self.size
        self.root, self.key = self.stages.synth("unpaired", [
            "--kind", "unpaired", "--size", size.cycle_pixels, "--train", size.cycle_pictures, "--val", 0, "--test",
            size.tested])
        for view in VIEWS:
            self.link(view)
        results = {run: self.result(run, options) for run, options in CYCLE.items() if run in wanted}
        shown = next(iter(results))  # inputs and truths are the same for all
        inputs = [self.stages.images(shown, view.name, view.input) for view in VIEWS]
        truths = [self.stages.images(shown, view.name, view.truth) for view in VIEWS]
        self.inputs, self.targets = sum(inputs, []), sum(truths, [])
        others = [paths[1:] + paths[:1] for paths in truths]
        self.yardsticks = (("the input as it is", (), self.compare("inputs", inputs, truths, self.key)),
                           (self.floor, (), self.compare("others", others, truths, self.key)))
        return results

    def link(self, view):
        folder = self.stages.path("data", view.name, "test")
        os.makedirs(folder, exist_ok=True)
        for side, source in zip("AB", view.folders):
            if not os.path.islink(os.path.join(folder, side)):
                os.symlink(os.path.join("..", "..", "unpaired", source), os.path.join(folder, side))

    def result(self, run, options):
        key = self.stages.train(run, ["--dataroot", self.root, *self.seed, *self.size.cycle(), *options], self.key)
        keys = [self.stages.test(run, view.name, ["--dataroot", self.stages.path("data", view.name), "--dataset_mode",
                                                  "aligned", *self.seed], key) for view in VIEWS]
        outputs = [self.stages.images(run, view.name, view.output) for view in VIEWS]
        truths = [self.stages.images(run, view.name, view.truth) for view in VIEWS]
        result = self.compare(run, outputs, truths, key_of(keys))
        result.steps, result.seconds = self.stages.trained(run)
        for way, view in enumerate(VIEWS):  # metrics.csv has the distances of both ways
            distances = read_metrics(self.stages.tested(run, view.name, "metrics.csv"))[1]
            result.figures[f"SWD to {view.target}"] = distances[way]
        return result

    def compare(self, name, outputs, truths, key):
        """One list of pictures for each view."""
        path = self.stages.path("judged", name + ".json")

        def make():
            found = {"confusions": [], "figures": {}}
            for view, *paths in zip(VIEWS, outputs, truths):
                pairs = [(png.read(truth), png.read(output)) for output, truth in zip(*paths, strict=True)]
                found["confusions"] += [view.classify.confusion(*map(view.classify, pair)) for pair in pairs]
                found["figures"][f"L1 to {view.target}"] = sum(difference(*pair) for pair in pairs) / len(pairs)
            write_json(path, found)
        self.stages.once(name + ".judge", f"comparing {name}", key, make)
        found = read_json(path)
        return Result(found["confusions"], found["figures"], sum(outputs, []))
