"""Labels -> photo with pix2pix: trains runs, and has a judge read the labels back out of their photos.

The judge goes from photo to labels and is trained on real pairs. A photo is good when the judge finds in it the labels
that it was made from; the papers do so with a segmentation network and call it the FCN score.
"""

import os
import shutil
import sys

import png
from comparisons import FACADES, MAPS, PIX2PIX, REAL_PHOTOS
from score import Classifier, Result, Run, View, read_metrics
from stages import key_of, read_json, write_json

JUDGE, VIEW = "judge", "pairs"


class Pairs:
    runs = PIX2PIX
    input_title, target_title = "labels", "photo"
    floor = classes = None

    def __init__(self, stages, size, seed, maps):
        self.stages, self.size, self.maps = stages, size, maps
        self.seed = ["--seed", seed]
        self.classify = Classifier(MAPS if maps else FACADES)
        # the second half of a pair is the photo of the facades, and the map of the maps
        self.direction, self.judge_direction = ("BtoA", "AtoB") if maps else ("AtoB", "BtoA")
        self.phase = "test"
        if maps:
            self.phase = next((p for p in ("test", "val") if os.path.isdir(os.path.join(maps, p))), None)
            if not self.phase or not os.path.isdir(os.path.join(maps, "train")):
                sys.exit(f"experiments: --maps {maps}: this should be the reference's maps set, with the folders "
                         "'train' and 'val'")
        os.makedirs(stages.path("judged"), exist_ok=True)

    def about(self):
        data = "map to aerial photo on the maps pairs" if self.maps else "label map to photo on synthetic facades"
        return (f"pix2pix: {data}, {self.size.pixels} pixels a side, {self.count} test pictures. A judge, "
                "trained on real pairs from photo to labels, reads the labels back out of each photo; a pixel is of "
                "the class with the nearest colour.")

    def run(self, wanted):
        """Trains and judges the wanted ones of the runs. Returns their results by name."""
        size = self.size
        if self.maps:
            self.root, self.key = self.maps, key_of(os.path.abspath(self.maps))
        else:
            self.root, self.key = self.stages.synth("facades", [
                "--size", size.pixels, "--train", size.pictures, "--val", 0, "--test", size.tested])
        judge = self.train(JUDGE, size.judge(), self.judge_direction)
        results = {run: self.result(run, options, judge) for run, options in PIX2PIX.items() if run in wanted}
        shown = next(iter(results))  # labels and photos are the same for all
        labels, photos = (self.stages.images(shown, VIEW, label) for label in ("real_A", "real_B"))
        real = Result(self.judge("photos", photos, judge))
        self.views = {VIEW: View(labels, photos, (("real photos", REAL_PHOTOS, real),))}
        self.count = len(labels)
        return results

    def train(self, run, options, direction):
        return self.stages.train(run, ["--dataroot", self.root, "--max_dataset_size", self.size.pictures, "--direction",
                                       direction, *self.seed, *options], self.key)

    def result(self, run, options, judge):
        options = [option.format(pixels=self.size.pixels) for option in options]
        key = self.train(run, self.size.pix2pix() + options, self.direction)
        key = self.stages.test(run, VIEW, ["--dataroot", self.root, "--phase", self.phase, "--num_test",
                                           self.size.tested, *self.seed], key)
        outputs = self.stages.images(run, VIEW, "fake_B")
        mean, distances = read_metrics(self.stages.tested(run, VIEW, "metrics.csv"))
        figures = {"L1": mean["l1"], "PSNR": mean["psnr"], "SSIM": mean["ssim"], "SWD": distances[0]}
        result = Result(self.judge(run, outputs, key_of(key, judge)), figures, outputs)
        return Run({VIEW: result}, *self.stages.trained(run))

    def judge(self, name, photos, key):
        """Confusions of the labels with what the judge sees in the photos."""
        folder, path = self.stages.path("judged", name), self.stages.path("judged", name + ".json")

        def make():
            shutil.rmtree(folder, ignore_errors=True)
            self.stages.pixcl(name, "translate", *photos, "-o", folder + os.sep, "--checkpoint",
                              self.stages.path("checkpoints", JUDGE), "--eval", *self.seed)
            confusions = []
            for photo in photos:
                labels = photo.rsplit("_", 2)[0] + "_real_A.png"
                seen = os.path.join(folder, os.path.basename(photo))
                confusions.append(self.classify.confusion(*(self.classify(png.read(path)) for path in (labels, seen))))
            write_json(path, confusions)
        self.stages.once(name + ".judge", f"judging {name}", key, make)
        return read_json(path)
