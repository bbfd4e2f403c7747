"""In which order runs come, in a paper and here, and in words where the two differ."""

from comparisons import MEASURES


def paper_value(comparison, row, measure):
    """The paper's figure; where it has none, rows are listed from the best to the worst."""
    figures = comparison.rows[row][2]
    return figures[measure] if figures else -row


class Verdict:
    """One comparison by one measure."""

    def __init__(self, comparison, results, measure):
        self.measure = MEASURES[measure]
        rows = range(len(comparison.rows))
        titles = [title for _, title, _ in comparison.rows]
        found = [results[run] for run, _, _ in comparison.rows]
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


def distances(comparison, results):
    """The order by each sliced Wasserstein distance, the nearest to real pictures first."""
    for name in results[comparison.rows[0][0]].figures:
        if name.startswith("SWD"):
            rows = sorted((results[run].figures[name], title) for run, title, _ in comparison.rows)
            yield (f"{name} (sliced Wasserstein distance from real pictures, which no paper has; less is better): "
                   + " < ".join(title for _, title in rows) + ".")


def above(comparison, results, floor, title):
    """Which runs are ahead of a yardstick in class IoU."""
    measure = MEASURES.index("class IoU")
    ahead = [name for run, name, _ in comparison.rows if results[run].ahead(floor, measure) > 0]
    return f"Ahead of {title} in class IoU: {', '.join(ahead) or 'none'}."
