"""What a picture shows, class by class: every pixel counts as the class of the nearest colour of a palette.

Scores are those of Long, Shelhamer and Darrell (fully convolutional networks, 2015), over all pixels of all pictures:
per-pixel accuracy, and the means of accuracy and of intersection over union over the classes that the labels hold.
"""

import csv
import random
from dataclasses import dataclass, field

DRAWS = 200


class Classifier:
    def __init__(self, palette):
        self.colours = [(index, *colour) for index, colours in enumerate(palette.values()) for colour in colours]
        self.names = list(palette)
        self.known = {}

    def nearest(self, pixel):
        r, g, b = pixel
        return min(self.colours, key=lambda c: (c[1] - r) ** 2 + (c[2] - g) ** 2 + (c[3] - b) ** 2)[0]

    def __call__(self, picture):
        """A list of classes, pixel by pixel."""
        result, known, values = [], self.known, bytes(picture.pixels)
        for i in range(0, len(values), 3):
            pixel = values[i:i + 3]
            if pixel not in known:
                known[pixel] = self.nearest(pixel)
            result.append(known[pixel])
        return result

    def confusion(self, labels, found):
        """How many pixels of each class (rows) were found to be of each class (columns), row after row."""
        counts = [0] * len(self.names) ** 2
        for label, other in zip(labels, found, strict=True):
            counts[label * len(self.names) + other] += 1
        return counts


def add(confusions):
    return [sum(counts) for counts in zip(*confusions)]


def by_class(counts):
    """(accuracy, overlap) of each class in a confusion table; None for one that the labels do not hold."""
    n = round(len(counts) ** 0.5)
    found = []
    for c in range(n):
        labels, seen, both = sum(counts[c * n:(c + 1) * n]), sum(counts[c::n]), counts[c * n + c]
        found.append((both / labels, both / (labels + seen - both)) if labels else None)
    return found


def scores(counts):
    """(per-pixel accuracy, per-class accuracy, class IoU) of a confusion table."""
    right = sum(counts[::round(len(counts) ** 0.5) + 1])
    accuracies, overlaps = zip(*filter(None, by_class(counts)))
    return right / sum(counts), sum(accuracies) / len(accuracies), sum(overlaps) / len(overlaps)


@dataclass
class Result:
    """What the outputs of a run come to: the confusions of the test pictures and other figures of them."""
    confusions: list
    figures: dict = field(default_factory=dict)
    outputs: list = field(default_factory=list)  # paths

    def __post_init__(self):
        total = add(self.confusions)
        self.scores = scores(total)
        self.overlaps = [found and found[1] for found in by_class(total)]
        draw = random.Random(0)  # the same pictures for every run
        self.draws = [scores(add(draw.choices(self.confusions, k=len(self.confusions)))) for _ in range(DRAWS)]

    def ahead(self, other, measure):
        """1 when better than the other, -1 when worse, 0 when other test pictures might have turned it round: when
        fewer than 39 of 40 drawings of as many of them, each any number of times, say the same."""
        better = sum(mine[measure] > its[measure] for mine, its in zip(self.draws, other.draws))
        worse = sum(mine[measure] < its[measure] for mine, its in zip(self.draws, other.draws))
        return (better * 40 >= 39 * DRAWS) - (worse * 40 >= 39 * DRAWS)


@dataclass
class Run:
    """A training: its results by the view that was taken of it, and how long it was."""
    views: dict
    steps: int
    seconds: float


@dataclass
class View:
    """What stands beside the outputs of every run: paths, and (title, the paper's scores, result) of yardsticks."""
    inputs: list
    targets: list
    yardsticks: tuple


def read_metrics(path):
    """Of a metrics.csv of pixcl test: the mean of each figure, and the distances between sets in their order."""
    with open(path, newline="") as table:
        rows = list(csv.DictReader(table))
    mean = next(row for row in rows if row["name"] == "mean")
    return ({name: float(mean[name]) for name in ("l1", "psnr", "ssim")},
            [float(row["swd"]) for row in rows if row["swd"]])
