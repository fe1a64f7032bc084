#!/usr/bin/env python3
"""Fits the weights of src/pipeline/structure/clues.rs to schemas whose tables' classes are known.

    evaluate --clues >clues.tsv
    fit_class_weights.py [--penalty NUMBER] clues.tsv…

Reads what `examples/evaluate --clues` prints: every table whose class is known, its class, and its clues.
Prints each clue's weights for a fact, a dimension, a bridge and a technical table: multinomial logistic
regression by Newton's method, with an L2 penalty on what differs from evaluation/class_priors.tsv, for there
are too few tables to learn every weight from them alone.

- A table counts once, however many variants have it; under a name without class words it counts again.
- Each but the technical ones is repeated without what its name and description say, counting 0.3: most
  catalogs have no convention, and structure has to do for them.
- Each that has a key of its own or points anywhere is repeated with each convention it does not follow,
  counting 0.02: names can lie, and no convention may be so sure that structure never speaks against it.
"""

import argparse
import math
from collections import Counter
from pathlib import Path

from fit_weights import solve

CLASSES = ["fact", "dimension", "bridge", "technical"]
PRIORS = Path(__file__).resolve().parent.parent / "evaluation" / "class_priors.tsv"
PENALTY = 0.7
MUTED = 0.3
LYING = 0.02
STEPS = 30
CONVENTIONS = ["NamedFact", "NamedDimension", "NamedBridge", "NamedTechnical"]
SAID = {
    *CONVENTIONS,
    *("EventNoun", "MasterNoun", "CodeNoun", "LinkNoun", "TechnicalNoun", "NamedAfterParents", "PartOfParent"),
    *("DescribedFact", "DescribedDimension", "DescribedBridge", "DescribedTechnical"),
}


def read_priors():
    lines = [line for line in PRIORS.read_text().splitlines() if not line.startswith("#")]
    return {clue: [float(weight) for weight in weights] for clue, *weights in (line.split("\t") for line in lines[1:])}


def read(paths):
    """The tables of the dumps, each (set and table, class, [(clue, strength)])."""
    tables = []
    for path in paths:
        for line in path.read_text().splitlines():
            name, _, table, kind, clues = line.split("\t")
            pairs = [pair.split("=") for pair in clues.split()]
            tables.append(((name, table), CLASSES.index(kind), [(clue, float(value)) for clue, value in pairs]))
    return tables


def rows_of(tables):
    """How much each kind of row counts: {(class, clues): share}."""
    variants = Counter(table for table, _, _ in tables)
    rows = Counter()
    for table, kind, clues in tables:
        share = 1 / variants[table]
        rows[kind, tuple(clues)] += share
        if CLASSES[kind] == "technical":
            continue
        rows[kind, tuple(pair for pair in clues if pair[0] not in SAID)] += MUTED * share
        if {"Contexts", "OwnKey"} & {clue for clue, _ in clues}:
            honest = tuple(pair for pair in clues if pair[0] not in CONVENTIONS)
            for convention in set(CONVENTIONS[:3]) - {CONVENTIONS[kind]}:
                rows[kind, ((convention, 1.0), *honest)] += LYING * share
    return rows


def chances(weights, clues):
    scores = [sum(weights[4 * clue + kind] * strength for clue, strength in clues) for kind in range(4)]
    odds = [math.exp(score - max(scores)) for score in scores]
    return [max(one / sum(odds), 1e-300) for one in odds]


def loss(rows, priors, penalty, weights):
    pull = sum((weight - prior) ** 2 for weight, prior in zip(weights, priors))
    return penalty * pull / 2 - sum(share * math.log(chances(weights, clues)[right]) for right, share, clues in rows)


def fit(rows, priors, penalty):
    """The weights of `rows`, each (class, share, [(clue, strength)]), four for each clue."""
    weights = list(priors)
    lost = loss(rows, priors, penalty, weights)
    size = len(weights)
    for _ in range(STEPS):
        gradient = [penalty * (weight - prior) for weight, prior in zip(weights, priors)]
        curvature = [[0.0] * size for _ in range(size)]
        for place in range(size):
            curvature[place][place] = penalty
        for right, share, clues in rows:
            likely = chances(weights, clues)
            slopes = [share * (chance - (kind == right)) for kind, chance in enumerate(likely)]
            bends = [[share * a * ((i == j) - b) for j, b in enumerate(likely)] for i, a in enumerate(likely)]
            for clue, a in clues:
                for kind in range(4):
                    place = 4 * clue + kind
                    gradient[place] += slopes[kind] * a
                    row, bend = curvature[place], bends[kind]
                    for other, b in clues:
                        for by in range(4):
                            row[4 * other + by] += bend[by] * a * b
        step = solve(curvature, gradient)
        before, part = lost, 1.0
        while part > 1e-6:
            nearer = [weight - part * change for weight, change in zip(weights, step)]
            if (lost := loss(rows, priors, penalty, nearer)) <= before:
                weights = nearer
                break
            part /= 2
        if part * max(map(abs, step)) < 1e-4:
            break
    return weights


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--penalty", type=float, default=PENALTY, help=f"pull towards the priors ({PENALTY})")
    parser.add_argument("clues", type=Path, nargs="+")
    given = parser.parse_args()
    priors = read_priors()
    places = {clue: place for place, clue in enumerate(priors)}
    rows = [
        (kind, share, [(places[clue], strength) for clue, strength in clues])
        for (kind, clues), share in rows_of(read(given.clues)).items()
    ]
    weights = fit(rows, [weight for four in priors.values() for weight in four], given.penalty)
    print(f"{'Clue':22}" + "".join(f"{kind:>10}" for kind in CLASSES))
    for clue, place in places.items():
        print(f"{clue:22}" + "".join(f"{weight:10.2f}" for weight in weights[4 * place : 4 * place + 4]))


if __name__ == "__main__":
    main()
