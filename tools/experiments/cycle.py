"""Day -> night and back with CycleGAN, on synthetic pictures without pairs whose truth is known.

By day a disc is red, a square blue, a triangle yellow; by night they are outlined in cyan, orange and purple. Training
sees other scenes by day than by night. Each test picture has its truth, the same scene in the other look.
"""

import os

import png
from comparisons import CYCLE, DAY, NIGHT
from score import Classifier, Result, Run, View, read_metrics
from stages import key_of, read_json, write_json

BOTH = "both_ways"


class Way:
    """Test pictures with their truths as pairs, which pixcl test takes, and what it calls them."""

    def __init__(self, name, target, folders, labels, palette):
        self.name, self.target = name, target
        self.folders = folders  # by day, by night
        self.input, self.output, self.truth = labels
        self.classify = Classifier(palette)


WAYS = (Way("by_day", "night", ("testA", "testA_truth"), ("real_A", "fake_B", "real_B"), NIGHT),
        Way("by_night", "day", ("testB_truth", "testB"), ("real_B", "fake_A", "real_A"), DAY))


def difference(a, b):
    """L1 as pixcl test has it."""
    return sum(abs(x - y) for x, y in zip(a.pixels, b.pixels, strict=True)) / (255 * len(a.pixels))


def together(results):
    """One result of those of each way."""
    both = [results[way.name] for way in WAYS]
    figures = {f"{name} to {way.target}": result.figures[name] for name in both[0].figures
               for way, result in zip(WAYS, both)}
    confusions, outputs = (sum(lists, []) for lists in zip(*((result.confusions, result.outputs) for result in both)))
    return Result(confusions, figures, outputs)


class Cycle:
    runs = CYCLE
    input_title, target_title = "input", "truth"
    floor = "the truth of another scene"
    classes = WAYS[0].classify.names

    def __init__(self, stages, size, seed):
        self.stages, self.size, self.seed = stages, size, ["--seed", seed]
        os.makedirs(stages.path("judged"), exist_ok=True)

    def about(self):
        return (f"CycleGAN: synthetic scenes by day and by night without pairs, {self.size.cycle_pixels} pixels a "
                f"side, {self.size.tested} test pictures each way. Their truth is known; a pixel is of the class with "
                "the nearest colour, in the output and in the truth.")

    def run(self, wanted):
        """Trains and measures the wanted ones of the runs. Returns them by name."""
        size = self.size
        self.root, self.key = self.stages.synth("unpaired", [
            "--kind", "unpaired", "--size", size.cycle_pixels, "--train", size.cycle_pictures, "--val", 0, "--test",
            size.tested])
        for way in WAYS:
            self.link(way)
        runs = {run: self.train(run, options) for run, options in CYCLE.items() if run in wanted}
        shown = next(iter(runs))  # inputs and truths are the same for all
        inputs, truths = self.pictures(shown, "input"), self.pictures(shown, "truth")
        unchanged = self.compare("inputs", inputs, truths, self.key)
        others = {name: paths[1:] + paths[:1] for name, paths in truths.items()}
        another = self.compare("others", others, truths, self.key)
        self.views = {name: View(inputs[name], truths[name], (("the input as it is", (), unchanged[name]),
                                                              (self.floor, (), another[name]))) for name in unchanged}
        return runs

    def link(self, way):
        folder = self.stages.path("data", way.name, "test")
        os.makedirs(folder, exist_ok=True)
        for side, source in zip("AB", way.folders):
            if not os.path.islink(os.path.join(folder, side)):
                os.symlink(os.path.join("..", "..", "unpaired", source), os.path.join(folder, side))

    def train(self, run, options):
        key = self.stages.train(run, ["--dataroot", self.root, *self.seed, *self.size.cycle(), *options], self.key)
        keys = [self.stages.test(run, way.name, ["--dataroot", self.stages.path("data", way.name), "--dataset_mode",
                                                 "aligned", *self.seed], key) for way in WAYS]
        distances = {}
        for number, way in enumerate(WAYS):  # metrics.csv has the distances of both ways
            distances[way.name] = read_metrics(self.stages.tested(run, way.name, "metrics.csv"))[1][number]
        views = self.compare(run, self.pictures(run, "output"), self.pictures(run, "truth"), key_of(keys), distances)
        return Run(views, *self.stages.trained(run))

    def pictures(self, run, what):
        """The inputs, outputs or truths of a tested run by the name of their way, and of both."""
        found = {way.name: self.stages.images(run, way.name, getattr(way, what)) for way in WAYS}
        return {**found, BOTH: sum(found.values(), [])}

    def compare(self, name, outputs, truths, key, distances=None):
        """Pictures by the name of their way. Returns results by way, and for both."""
        path = self.stages.path("judged", name + ".json")

        def make():
            found = {}
            for way in WAYS:
                pairs = [(png.read(truth), png.read(output))
                         for output, truth in zip(outputs[way.name], truths[way.name], strict=True)]
                found[way.name] = ([way.classify.confusion(*map(way.classify, pair)) for pair in pairs],
                                   {"L1": sum(difference(*pair) for pair in pairs) / len(pairs)})
            write_json(path, found)
        self.stages.once(name + ".judge", f"comparing {name}", key_of(key, [way.name for way in WAYS]), make)
        results = {}
        for way in WAYS:
            confusions, figures = read_json(path)[way.name]
            if distances:
                figures["SWD"] = distances[way.name]
            results[way.name] = Result(confusions, figures, outputs[way.name])
        return {**results, BOTH: together(results)}
