#!/usr/bin/env python3
"""Reads the SVG diagrams with an XML parser that is not ours, and checks what a page relies on.

    check_svg.py FILE…

They hold nothing that a strict content policy would refuse or that could act or load: a few
elements, no style, no handler, no reference. Every table is a box, no two boxes meet, and
everything lies inside the view.
"""

import re
import sys
import xml.etree.ElementTree as ElementTree
from pathlib import Path

SVG = "{http://www.w3.org/2000/svg}"
ELEMENTS = {SVG + name for name in ("svg", "g", "title", "desc", "rect", "path", "text")}
ATTRIBUTES = {
    "aria-label", "class", "d", "data-child", "data-parent", "data-table", "fill", "font-family",
    "font-size", "font-style", "font-weight", "height", "role", "rx", "stroke", "stroke-dasharray",
    "stroke-width", "tabindex", "text-anchor", "transform", "viewBox", "width", "x", "y",
}  # fmt: skip


def shift(element):
    found = re.fullmatch(r"translate\(([-\d.]+) ([-\d.]+)\)", element.get("transform", "translate(0 0)"))
    return float(found[1]), float(found[2])


def boxes(root):
    (drawing,) = root.findall(SVG + "g")
    dx, dy = shift(drawing)
    for entity in drawing.findall(SVG + "g"):
        if "entity" in entity.get("class").split():
            x, y = shift(entity)
            rect = entity.find(SVG + "rect")
            yield x + dx, y + dy, float(rect.get("width")), float(rect.get("height"))


def problems(path):
    root = ElementTree.parse(path).getroot()
    for element in root.iter():
        if element.tag not in ELEMENTS:
            yield f"an element {element.tag}"
        for name in sorted(set(element.keys()) - ATTRIBUTES):
            yield f"an attribute {name}"
    _, _, width, height = map(float, root.get("viewBox").split())
    placed = list(boxes(root))
    for place, (x, y, w, h) in enumerate(placed):
        if x < 0 or y < 0 or x + w > width or y + h > height:
            yield f"box {place} is not in the view"
        for other, (x2, y2, w2, h2) in enumerate(placed[:place]):
            if x < x2 + w2 and x2 < x + w and y < y2 + h2 and y2 < y + h:
                yield f"boxes {other} and {place} meet"


files = [Path(name) for name in sys.argv[1:]]
failed = 0
for path in files:
    for problem in problems(path):
        failed += 1
        print(f"{path.name}: {problem}", file=sys.stderr)
print(f"{len(files)} drawings, {failed} problems")
sys.exit(1 if failed or not files else 0)
