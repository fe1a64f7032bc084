#!/usr/bin/env python3
"""Fits the weights of src/pipeline/structure/weights.rs to schemas whose foreign keys are known.

    evaluate --signals >signals.tsv
    fit_weights.py [--partly NAME,…] [--warehouse NAME,…] signals.tsv…

Reads what `examples/evaluate --signals` prints: every join that was considered, whether it is right, and
its signals. Prints each signal's weight: logistic regression with an L2 penalty (not on the start), by
Newton's method. A schema counts by the square root of its joins, so that large ones do not decide alone;
those named as warehouses count three times as much, for warehouses are what the service is for; those
named as declaring only part of their keys are left out, for they teach that right joins are wrong.
Variants with stripped names repeat their schema and are left out as well.
"""

import argparse
import math
from collections import Counter, defaultdict
from pathlib import Path

PENALTY = 5.0
WAREHOUSE = 3.0
STEPS = 30


def read(paths, left_out):
    rows = []
    for path in paths:
        for line in path.read_text().splitlines():
            schema, variant, right, _, _, signals = line.split("\t")
            if variant != "stripped" and schema not in left_out:
                pairs = [pair.split("=") for pair in signals.split()]
                rows.append((schema, int(right), [(name, float(value)) for name, value in pairs]))
    return rows


def solve(matrix, vector):
    """The solution of a symmetric positive definite system, by Cholesky's decomposition."""
    size = len(vector)
    lower = [[0.0] * size for _ in range(size)]
    for i in range(size):
        for j in range(i + 1):
            rest = matrix[i][j] - sum(lower[i][k] * lower[j][k] for k in range(j))
            lower[i][j] = math.sqrt(rest) if i == j else rest / lower[j][j]
    for i in range(size):
        vector[i] = (vector[i] - sum(lower[i][k] * vector[k] for k in range(i))) / lower[i][i]
    for i in reversed(range(size)):
        vector[i] = (vector[i] - sum(lower[k][i] * vector[k] for k in range(i + 1, size))) / lower[i][i]
    return vector


def fit(rows, counts):
    """The weights of `rows`, each (right, share in the fit, [(signal, strength)])."""
    weights = [0.0] * counts
    for _ in range(STEPS):
        gradient = [PENALTY * weight if place else 0.0 for place, weight in enumerate(weights)]
        curvature = [[0.0] * counts for _ in range(counts)]
        for place in range(counts):
            curvature[place][place] = PENALTY if place else 1e-9
        for right, share, signals in rows:
            odds = sum(weights[signal] * strength for signal, strength in signals)
            chance = 1 / (1 + math.exp(-odds))
            for i, a in signals:
                gradient[i] += share * (chance - right) * a
                for j, b in signals:
                    curvature[i][j] += share * chance * (1 - chance) * a * b
        step = solve(curvature, gradient)
        weights = [weight - change for weight, change in zip(weights, step)]
        if max(map(abs, step)) < 1e-6:
            break
    return weights


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--partly", default="", help="schemas that declare only part of their keys")
    parser.add_argument("--warehouse", default="", help="schemas of warehouses")
    parser.add_argument("signals", type=Path, nargs="+")
    given = parser.parse_args()
    warehouses = set(given.warehouse.split(","))
    rows = read(given.signals, set(given.partly.split(",")))
    joins = Counter(schema for schema, _, _ in rows)
    share = {schema: (WAREHOUSE if schema in warehouses else 1.0) / math.sqrt(joins[schema]) for schema in joins}
    mean = sum(share[schema] for schema, _, _ in rows) / len(rows)
    places = defaultdict(lambda: len(places))
    places["Start"]
    numbered = [
        (right, share[schema] / mean, [(places[name], strength) for name, strength in signals])
        for schema, right, signals in rows
    ]
    weights = fit(numbered, len(places))
    for name, place in sorted(places.items()):
        print(f"{name:20} {weights[place]:6.2f}")


if __name__ == "__main__":
    main()
