"""The page and the tables: index.html, which is one file, and results.md with its pictures beside it."""

import base64
import html
import os
import re

import png
from comparisons import MEASURES
from verdict import Verdict, distances, recovered

ROWS = 6  # of a sheet
TILE = 128  # pixels that a picture should have there, at least
GAP = 4
STYLE = (":root{color-scheme:light dark}"
         "body{font:16px/1.5 system-ui,sans-serif;margin:0 auto;max-width:72rem;padding:1rem}"
         "h1{font-size:1.6rem;margin:.5rem 0}h2{font-size:1.2rem;margin:2.5rem 0 .5rem}"
         "table{border-collapse:collapse;margin:.5rem 0;font-variant-numeric:tabular-nums}"
         "td,th{padding:.2rem .6rem;text-align:right;border-bottom:1px solid #8884;font-weight:normal}"
         "td:first-child,th:first-child{text-align:left}tr:first-child th{opacity:.75}"
         "table.sheet{table-layout:fixed;width:100%}table.sheet th{padding:.2rem 0;text-align:center;border:0}"
         "table.sheet td{padding:0;border:0}img{display:block;width:100%;image-rendering:pixelated}"
         "div.scroll{overflow-x:auto}")


class Document:
    """The same blocks as a web page and as Markdown. In texts **strong** is all there is."""

    def __init__(self, folder, title):
        self.folder = folder
        self.html = [f'<!DOCTYPE html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n<meta name="viewport" '
                     f'content="width=device-width, initial-scale=1">\n<title>{html.escape(title)}</title>\n'
                     f"<style>{STYLE}</style>\n</head>\n<body>\n<h1>{html.escape(title)}</h1>"]
        self.markdown = [f"# {title}"]

    @staticmethod
    def inline(text):
        return re.sub(r"\*\*(.+?)\*\*", r"<strong>\1</strong>", html.escape(text))

    def heading(self, text):
        self.html.append(f"<h2>{html.escape(text)}</h2>")
        self.markdown.append(f"## {text}")

    def text(self, text):
        self.html.append(f"<p>{self.inline(text)}</p>")
        self.markdown.append(text)

    def points(self, texts):
        self.html.append("<ul>" + "".join(f"<li>{self.inline(text)}</li>" for text in texts) + "</ul>")
        self.markdown.append("\n".join("- " + text for text in texts))

    def table(self, columns, rows):
        lines = ["".join(f"<th>{self.inline(column)}</th>" for column in columns)]
        lines += ["".join(f"<td>{self.inline(cell)}</td>" for cell in row) for row in rows]
        self.html.append('<div class="scroll"><table>' + "\n".join(f"<tr>{line}</tr>" for line in lines)
                         + "</table></div>")
        self.markdown.append("\n".join(f"| {' | '.join(cells)} |" for cells in
                                       [columns, ["---"] + ["---:"] * (len(columns) - 1), *rows]))

    def sheet(self, name, columns, pictures):
        """Rows of pictures with the columns' names above them; as Markdown, in the line before."""
        picture = lay_out(pictures)
        path = os.path.join(self.folder, name + ".png")
        png.write(path, picture)
        with open(path, "rb") as file:
            data = base64.b64encode(file.read()).decode()
        heads = "".join(f"<th>{html.escape(column)}</th>" for column in columns)
        self.html.append(f'<table class="sheet"><tr>{heads}</tr><tr><td colspan="{len(columns)}"><img alt="{name}" '
                         f'src="data:image/png;base64,{data}"></td></tr></table>')
        self.markdown.append(f"{' | '.join(columns)}:\n\n![{', '.join(columns)}]({name}.png)")

    def save(self):
        for name, text in (("index.html", "\n".join(self.html) + "\n</body>\n</html>\n"),
                           ("results.md", "\n\n".join(self.markdown) + "\n")):
            with open(os.path.join(self.folder, name), "w", encoding="utf-8") as file:
                file.write(text)


def lay_out(pictures):
    """One picture of rows of pictures of one size; small ones are enlarged."""
    scale = max(1, TILE // pictures[0][0].width)
    width, height = (scale * side + GAP for side in (pictures[0][0].width, pictures[0][0].height))
    sheet = png.Picture.blank(width * len(pictures[0]) - GAP, height * len(pictures) - GAP)
    for y, row in enumerate(pictures):
        for x, picture in enumerate(row):
            sheet.paste(picture.enlarged(scale), x * width, y * height)
    return sheet


def joined(scores):
    return " / ".join(f"{score:.2f}" for score in scores) if scores else ""


def cells(names, result):
    """The figures of these names, where there are any."""
    digits = {"PSNR": 2, "SWD": 1}
    return [f"{result.figures[name]:.{digits.get(name.split()[0], 4)}f}" if name in result.figures else ""
            for name in names]


def overlaps(result):
    return ["" if overlap is None else f"{overlap:.2f}" for overlap in result.overlaps]


def add_comparison(document, comparison, kind, runs, verdicts):
    document.heading(comparison.title)
    document.text(f"{comparison.about} Paper: {comparison.source}.")
    view, found = kind.views[comparison.view], comparison.found(runs)
    titles = [title for _, title, _ in comparison.rows]
    shown = [i * len(view.inputs) // ROWS for i in range(min(ROWS, len(view.inputs)))]
    columns = [view.inputs, *(result.outputs for result in found), view.targets]
    document.sheet(comparison.name, [kind.input_title, *titles, kind.target_title],
                   [[png.read(column[i]) for column in columns] for i in shown])
    measures, names = " / ".join(MEASURES), list(found[0].figures)
    rows = [[title, joined(paper), f"**{joined(result.scores)}**", *cells(names, result), f"{runs[run].steps}",
             f"{runs[run].seconds / 60:.1f}"] for (run, title, paper), result in zip(comparison.rows, found)]
    rows += [[title, joined(paper), joined(result.scores), *cells(names, result), "", ""]
             for title, paper, result in view.yardsticks]
    document.table(["", f"paper: {measures}", f"here: {measures}", *names, "steps", "minutes"], rows)
    points = [f"{v.measure}, the paper: {v.paper}. Here: {v.here}. {v.sentence()}" for v in verdicts]
    points += distances(comparison, found)
    if kind.classes:
        floor = next(result for title, _, result in view.yardsticks if title == kind.floor)
        document.table(["overlap (IoU) of each class", *kind.classes],
                       [[title, *overlaps(result)] for title, result in zip(titles, found)]
                       + [[kind.floor, *overlaps(floor)]])
        points.append(recovered(comparison, found, floor, kind.floor, kind.classes))
    document.points(points)


def write(folder, comparisons, kinds, runs, facts):
    """`runs` by their names; `kinds` know whose they are."""
    document = Document(folder, "The papers' comparisons, repeated small")
    document.text("What is to be compared is the order, not the figures: the papers trained for hours on GPUs, at 256 "
                  "pixels, on Cityscapes. > is ahead of; ≈ is too close to tell, since other test pictures might "
                  "have turned it round. Each run was trained once; another seed would move the figures, too.")
    document.points([*facts, *(kind.about() for kind in kinds)])
    verdicts = {c.name: [Verdict(c, c.found(runs), measure) for measure in range(len(MEASURES))] for c in comparisons}
    document.table(["pairs of runs in the paper's order", *MEASURES],
                   [[c.title, *(v.count() for v in verdicts[c.name])] for c in comparisons])
    for comparison in comparisons:
        kind = next(kind for kind in kinds if comparison.of(kind.runs))
        add_comparison(document, comparison, kind, runs, verdicts[comparison.name])
    document.save()
