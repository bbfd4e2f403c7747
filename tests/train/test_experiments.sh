#!/bin/sh
# tools/experiments, ten steps a run: two comparisons from drawing the sets to the page, and nothing done twice.
. "$(dirname "$0")/../cli/expect.sh"
pixcl=$(realpath "$1")
PIXCL=$(realpath "$(dirname "$0")/../../tools/experiments/run.py")
cd "$scratch" || exit 1
smoke="--pixcl $pixcl --smoke --only objectives,cycles_back,gan_losses --out small"

# shellcheck disable=SC2086 # $smoke is a list of words
ok $smoke
says 'training l1_cgan'
three='[01]\.[0-9]+ / [01]\.[0-9]+ / [01]\.[0-9]+' # accuracies and overlap
for row in 'L1' 'GAN' 'cGAN' 'L1 + GAN' 'L1 + cGAN' 'real photos' 'cycle alone' 'GAN alone' 'GAN + forward cycle' \
    'GAN + backward cycle' 'CycleGAN' 'least squares' 'log loss' 'the input as it is' 'the truth of another scene'; do
    # name, paper, here
    grep -F "| $row |" small/results.md | grep -qE "^[^|]*\|[^|]*\|[^|]*\| (\*\*)?$three" ||
        complain "results.md has no row for $row"
    grep -qF "<td>$row</td>" small/index.html || complain "index.html has no row for $row"
done
for row in 'CycleGAN' 'log loss' 'the truth of another scene'; do # each of five classes
    grep -F "| $row |" small/results.md | grep -qE "^[^|]*\|[^|]*(\| [01]\.[0-9]{2} ){5}\|$" ||
        complain "results.md has no overlaps of classes for $row"
done
[ "$(grep -c 'the paper: .* Here: ' small/results.md)" = 9 ] || complain 'not three orders for each comparison'
[ "$(grep -c 'Every class is found again by ' small/results.md)" = 2 ] || complain 'not said twice what is found again'
for picture in objectives cycles_back gan_losses; do
    grep -qF "($picture.png)" small/results.md || complain "results.md does not show $picture.png"
    grep -qF "alt=\"$picture\" src=\"data:image/png;base64," small/index.html || complain "index.html: no $picture"
done
cp small/results.md before.md

# A second time all is there; a training without its stamp goes on, which after its last step is nothing.
rm small/stamps/cycle_log.json
# shellcheck disable=SC2086
ok $smoke
says 'training cycle_log'
if grep -qE 'training (l1|judge|cycle_full)|drawing|testing|judging|comparing' "$scratch/out"; then
    complain 'what was finished is done again'
fi
cmp -s before.md small/results.md || complain 'results.md has changed'

fails 2 --pixcl "$pixcl" --only objectives,cats
says 'there are objectives, generators, patches, cycles, cycles_back, gan_losses'
fails 1 --pixcl "$pixcl" --maps "$scratch" --out maps
says "'train' and 'val'"
fails 2 --pixcl "$scratch/nothing"
says 'no program there'

# The figures by hand: 3 + 4 of 8 pixels are right; of the first class 3 of 4, and 3 of the 4 that are either.
last='scores of a confusion table'
PYTHONDONTWRITEBYTECODE=1 PYTHONPATH=$(dirname "$PIXCL") python3 - >"$scratch/out" 2>"$scratch/err" <<'END' ||
from comparisons import Comparison
from cycle import together
from score import Classifier, Result, add, by_class, scores
from verdict import recovered
import png

assert scores([3, 1, 0, 4]) == (7 / 8, (3 / 4 + 4 / 4) / 2, (3 / 4 + 4 / 5) / 2)
assert scores([3, 1, 0, 0]) == (3 / 4, 3 / 4, 3 / 4)  # a class that no label has does not count
assert by_class([3, 1, 0, 0]) == [(3 / 4, 3 / 4), None]
assert add([[1, 2], [3, 4]]) == [4, 6]
good, bad, one = Result([[9, 1, 1, 9]] * 8), Result([[6, 4, 4, 6]] * 8), Result([[9, 1, 1, 9]] * 4 + [[3, 7, 7, 3]] * 4)
assert good.ahead(bad, 0) == 1 and bad.ahead(good, 2) == -1 and good.ahead(good, 1) == 0 and one.ahead(bad, 0) == 0

# A class is lost that is no better placed than by chance; here the second one, of which nothing is seen.
two = Comparison("two", "", "", "", (("a", "kept", None), ("b", "half", None)))
kept, half, chance = Result([[9, 1, 1, 9]]), Result([[10, 0, 10, 0]]), Result([[7, 3, 7, 3]])
text = recovered(two, [kept, half], chance, "chance", ["sky", "disc"])
assert text.startswith("Every class is found again by kept. Lost by half: disc."), text
both = together({"by_day": Result([[1, 2, 3, 4]], {"L1": 1}), "by_night": Result([[5, 6, 7, 8]], {"L1": 2})})
assert both.confusions == [[1, 2, 3, 4], [5, 6, 7, 8]] and both.figures == {"L1 to night": 1, "L1 to day": 2}

picture = png.Picture(2, 1, bytearray([250, 4, 3, 9, 8, 255]))
assert Classifier({"blue": [(0, 0, 255)], "red": [(255, 0, 0), (128, 0, 0)]})(picture) == [1, 0]
png.write("a.png", picture.enlarged(3))
assert png.read("a.png") == picture.enlarged(3)
for kind, line in ((0, [5, 6, 7, 8, 9, 10]), (1, [5, 6, 7, 3, 3, 3]), (2, [4, 4, 4, 4, 4, 4]), (3, [5, 5, 6, 4, 4, 4]),
                   (4, [4, 4, 4, 3, 3, 3])):
    row = bytearray(line)
    png.unfilter(kind, row, bytes([1, 2, 3, 4, 5, 6]))
    assert list(row) == [5, 6, 7, 8, 9, 10], (kind, list(row))
END
    complain 'wrong'
