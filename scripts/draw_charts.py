#!/usr/bin/env python3
"""Draws the growth curves that scripts/measure.py has recorded.

    scripts/draw_charts.py           # docs/figures/speed.json -> docs/figures/*.svg
    scripts/draw_charts.py --check   # fails where a drawing is not the one of the record

The same record gives the same bytes. Needs Python 3.11 and nothing else.
"""

import json
import math
import sys
from dataclasses import dataclass, field
from html import escape
from pathlib import Path

FIGURES = Path(__file__).resolve().parent.parent / "docs" / "figures"
RECORD = FIGURES / "speed.json"

PANEL_WIDTH, HEIGHT = 420, 330
LEFT, RIGHT, TOP, BOTTOM = 62, 96, 52, 52
# Told apart without their colours, too: by marker, and by the name at the end of each line.
COLOURS = ["a", "b", "c"]
STYLE = """
text{font:12px system-ui,-apple-system,"Segoe UI",sans-serif;fill:#24292f}
.title{font-size:14px;font-weight:600}
.unit{fill:#57606a}
.page{fill:#fff;stroke:#d0d7de}
.grid{stroke:#d8dee4;stroke-width:1}
.axis{stroke:#57606a;stroke-width:1}
.aim{stroke:#57606a;stroke-width:1;stroke-dasharray:4 4}
.line{fill:none;stroke-width:2}
.a{stroke:#0969da}.b{stroke:#bc4c00}.c{stroke:#1a7f37}
.fa{fill:#0969da}.fb{fill:#bc4c00}.fc{fill:#1a7f37}
@media (prefers-color-scheme:dark){
text{fill:#e6edf3}.unit{fill:#9da7b3}.page{fill:#0d1117;stroke:#30363d}.grid{stroke:#21262d}
.axis,.aim{stroke:#9da7b3}
.a{stroke:#58a6ff}.b{stroke:#f0883e}.c{stroke:#3fb950}
.fa{fill:#58a6ff}.fb{fill:#f0883e}.fc{fill:#3fb950}
}
"""


@dataclass
class Scale:
    """A part of an axis: from a value to a place."""

    low: float
    high: float
    start: float
    end: float
    logarithmic: bool = False

    def place(self, value):
        shape = math.log10 if self.logarithmic else float
        part = (shape(value) - shape(self.low)) / (shape(self.high) - shape(self.low))
        return self.start + part * (self.end - self.start)

    def ticks(self):
        if self.logarithmic:
            first, last = round(math.log10(self.low)), round(math.log10(self.high))
            return [10.0**power for power in range(first, last + 1)]
        step = nice_step(self.high - self.low)
        return [self.low + step * count for count in range(round((self.high - self.low) / step) + 1)]


@dataclass
class Panel:
    """One chart: several series over one horizontal axis."""

    title: str
    across: str
    up: str
    points: list
    key: str
    series: dict
    logarithmic_across: bool = False
    logarithmic_up: bool = False
    aim: float | None = None
    parts: list = field(default_factory=list)

    def values(self):
        return [point[name] for point in self.points for name in self.series]

    def draw(self, offset):
        across = self.axis([point[self.key] for point in self.points], self.logarithmic_across,
                           offset + LEFT, offset + PANEL_WIDTH - RIGHT)
        aims = [self.aim] if self.aim else []
        up = self.axis(self.values() + aims, self.logarithmic_up, HEIGHT - BOTTOM, TOP)
        self.frame(offset, across, up)
        if self.aim:
            self.aimed(across, up)
        self.lines(across, up)
        return "\n".join(self.parts)

    @staticmethod
    def axis(values, logarithmic, start, end):
        if logarithmic:
            low = 10.0 ** math.floor(math.log10(min(values)))
            high = 10.0 ** math.ceil(math.log10(max(values)))
            return Scale(low, high if high > low else low * 10, start, end, True)
        step = nice_step(max(values))
        return Scale(0.0, step * math.ceil(max(values) / step), start, end)

    def frame(self, offset, across, up):
        self.text(offset + LEFT, 24, self.title, "title")
        self.text(offset + LEFT, 42, self.up, "unit")
        self.text((across.start + across.end) / 2, HEIGHT - 12, self.across, "unit", "middle")
        for tick in up.ticks():
            y = up.place(tick)
            self.line(across.start, y, across.end, y, "grid")
            self.text(across.start - 8, y + 4, shown(tick), "unit", "end")
        for tick in across.ticks():
            x = across.place(tick)
            self.line(x, up.start, x, up.start + 4, "axis")
            self.text(x, up.start + 18, shown(tick), "unit", "middle")
        self.line(across.start, up.start, across.end, up.start, "axis")

    def aimed(self, across, up):
        y = up.place(self.aim)
        self.line(across.start, y, across.end, y, "aim")
        self.text(across.end + 8, y + 4, f"aim {shown(self.aim)}", "unit")

    def lines(self, across, up):
        labels = []
        for colour, (name, label) in zip(COLOURS, self.series.items()):
            places = [(across.place(point[self.key]), up.place(point[name])) for point in self.points]
            path = " ".join(f"{x:.1f},{y:.1f}" for x, y in places)
            self.parts.append(f'<polyline class="line {colour}" points="{path}"/>')
            self.parts.extend(marker(colour, x, y) for x, y in places)
            labels.append([places[-1][1] + 4, label, colour])
        # Names that would lie on each other are moved apart, downwards.
        labels.sort()
        taken = [up.place(self.aim) + 4] if self.aim else []
        for label in labels:
            while any(abs(label[0] - other) < 14 for other in taken):
                label[0] += 2
            taken.append(label[0])
            self.text(across.end + 8, label[0], label[1], "f" + label[2])

    def text(self, x, y, said, kind, anchor="start"):
        self.parts.append(f'<text x="{x:.1f}" y="{y:.1f}" class="{kind}" text-anchor="{anchor}">{escape(said)}</text>')

    def line(self, x1, y1, x2, y2, kind):
        self.parts.append(f'<line x1="{x1:.1f}" y1="{y1:.1f}" x2="{x2:.1f}" y2="{y2:.1f}" class="{kind}"/>')


def marker(colour, x, y):
    if colour == "a":
        return f'<circle class="fa" cx="{x:.1f}" cy="{y:.1f}" r="3.5"/>'
    if colour == "b":
        return f'<rect class="fb" x="{x - 3.5:.1f}" y="{y - 3.5:.1f}" width="7" height="7"/>'
    return f'<path class="fc" d="M{x:.1f} {y - 4.5:.1f}l4.5 8h-9z"/>'


def nice_step(span):
    """A step of 1, 2 or 5 times a power of ten, about five of which make the span."""
    rough = span / 5
    power = 10.0 ** math.floor(math.log10(rough))
    return power * next(factor for factor in (1, 2, 5, 10) if factor * power >= rough)


def shown(value):
    return f"{value:,.0f}" if value >= 1 or value == 0 else f"{value:g}"


def drawing(title, description, panels):
    width = PANEL_WIDTH * len(panels)
    drawn = "\n".join(panel.draw(PANEL_WIDTH * place) for place, panel in enumerate(panels))
    return (f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {HEIGHT}" width="{width}" '
            f'height="{HEIGHT}" role="img" aria-labelledby="title desc">\n'
            f'<title id="title">{escape(title)}</title>\n<desc id="desc">{escape(description)}</desc>\n'
            f"<style>{STYLE}</style>\n"
            f'<rect class="page" x="0.5" y="0.5" width="{width - 1}" height="{HEIGHT - 1}" rx="6"/>\n{drawn}\n</svg>\n')


def in_words(points, key, noun, names):
    """The numbers of a chart, for those who do not see it."""
    told = []
    for point in points:
        values = ", ".join(f"{label} {point[name]:g}" for name, label in names.items())
        told.append(f"{point[key]:,} {noun}: {values}")
    return "; ".join(told) + "."


def catalog(points):
    series = {"load_ms": "load", "analyse_ms": "analyse", "run_ms": "one run"}
    panel = Panel("How start and runs grow with the catalog", "tables, of 20 columns each", "milliseconds",
                  points, "tables", series, logarithmic_across=True, logarithmic_up=True)
    peak = Panel("Peak memory", "tables, of 20 columns each", "MB", points, "tables", {"peak_mb": "peak"},
                 logarithmic_across=True, logarithmic_up=True)
    words = in_words(points, "tables", "tables", {"load_ms": "load ms", "analyse_ms": "analyse ms",
                                                  "run_ms": "run ms", "peak_mb": "peak MB"})
    return drawing("Growth with the catalog", words, [panel, peak])


def sockets(points):
    memory = Panel("Memory of open sockets", "sockets, one in twenty chatting", "MiB", points, "sockets",
                   {"open_mib": "all silent", "chatting_mib": "while chatting"})
    health = Panel("Time of GET /health meanwhile", "sockets, one in twenty chatting", "milliseconds", points,
                   "sockets", {"health_p50_ms": "p50", "health_p99_ms": "p99"}, logarithmic_up=True, aim=50)
    words = in_words(points, "sockets", "sockets", {"open_mib": "silent MiB", "chatting_mib": "chatting MiB",
                                                    "health_p50_ms": "p50 ms", "health_p99_ms": "p99 ms"})
    return drawing("Growth with open sockets", words, [memory, health])


def sessions(points):
    memory = Panel("Memory of sessions", "sessions of one question each", "MiB", points, "sessions",
                   {"rss_mib": "resident"})
    lookup = Panel("Time of a look-up by id", "sessions of one question each", "microseconds, the call as a whole",
                   points, "sessions", {"lookup_us": "status"})
    words = in_words(points, "sessions", "sessions", {"rss_mib": "MiB", "lookup_us": "look-up µs"})
    return drawing("Growth with sessions", words, [memory, lookup])


def main():
    growth = json.loads(RECORD.read_text())["growth"]
    wrong = []
    for draw in (catalog, sockets, sessions):
        path, drawn = FIGURES / f"{draw.__name__}.svg", draw(growth[draw.__name__])
        if "--check" not in sys.argv[1:]:
            path.write_text(drawn)
        elif not path.exists() or path.read_text() != drawn:
            wrong.append(path.name)
    if wrong:
        raise SystemExit(f"not drawn from {RECORD.name} as it is: {', '.join(wrong)}; run scripts/draw_charts.py")


if __name__ == "__main__":
    main()
