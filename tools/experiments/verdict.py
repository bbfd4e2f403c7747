"""In which order runs come, in a paper and here, and in words where the two differ."""

from comparisons import MEASURES


def paper_value(comparison, row, measure):
    """The paper's figure; where it has none, rows are listed from the best to the worst."""
    figures = comparison.rows[row][2]
    return figures[measure] if figures else -row


class Verdict:
    """One comparison by one measure."""

    def __init__(self, comparison, found, measure):
        """`found`: the result of each row."""
        self.measure = MEASURES[measure]
        rows = range(len(comparison.rows))
        titles = [title for _, title, _ in comparison.rows]
        theirs = [paper_value(comparison, row, measure) for row in rows]
        ours = [result.scores[measure] for result in found]
        self.paper = self.chain(titles, theirs, lambda a, b: theirs[a] == theirs[b])
        self.here = self.chain(titles, ours, lambda a, b: found[a].ahead(found[b], measure) == 0)
        self.same, self.unclear, self.opposite = [], [], []
        for a in rows:
            for b in rows:
                if theirs[a] > theirs[b]:
                    ahead = found[a].ahead(found[b], measure)
                    (self.same if ahead > 0 else self.opposite if ahead < 0 else self.unclear).append(
                        (titles[a], titles[b]))

    @staticmethod
    def chain(titles, values, level):
        """Best first; neighbours of which neither is ahead are joined by a different sign."""
        order = sorted(range(len(titles)), key=lambda row: -values[row])
        text = titles[order[0]]
        for before, row in zip(order, order[1:]):
            text += (" ≈ " if level(before, row) else " > ") + titles[row]
        return text

    def count(self):
        """How many pairs of runs stand in the paper's order."""
        pairs = len(self.same) + len(self.unclear) + len(self.opposite)
        return f"{len(self.same)} of {pairs}" + (f", {len(self.opposite)} reversed" if self.opposite else "")

    def sentence(self):
        if self.opposite:
            losers = {}
            for ahead, behind in self.opposite:  # in the paper
                losers.setdefault(behind, []).append(ahead)
            return "**The order differs:** here " + "; ".join(
                f"{winner} is ahead of {', '.join(those)}" for winner, those in losers.items()) + "."
        if self.unclear:
            pairs = len(self.same) + len(self.unclear)
            return f"Nothing is reversed, but {len(self.unclear)} of {pairs} pairs are too close to tell."
        return "The same order."


def distances(comparison, found):
    """The order by each sliced Wasserstein distance, the nearest to real pictures first."""
    for name in found[0].figures:
        if name.startswith("SWD"):
            rows = sorted((result.figures[name], title) for result, (_, title, _) in zip(found, comparison.rows))
            yield (f"{name} (sliced Wasserstein distance from real pictures, which no paper has; less is better): "
                   + " < ".join(title for _, title in rows) + ".")


def recovered(comparison, found, floor, title, classes):
    """Which runs find every class again, and which classes the others lose: those that are no better placed than in a
    picture that has nothing to do with the input."""
    lost = [[name for name, ours, chance in zip(classes, result.overlaps, floor.overlaps)
             if ours is not None and ours <= chance] for result in found]
    rows = [title for _, title, _ in comparison.rows]
    text = "Every class is found again by " + (", ".join(row for row, none in zip(rows, lost) if not none) or "none")
    return f"{text}." + "".join(f" Lost by {row}: {', '.join(names)}." for row, names in zip(rows, lost) if names) + (
        f" (A class is lost whose overlap is not above that of {title}.)")
