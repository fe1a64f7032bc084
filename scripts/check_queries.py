"""Runs the SQL that runs hand out, in a real engine (DuckDB), on tables made from the catalogs.

    python check_queries.py DIRECTORY

DIRECTORY is what `cargo run --example export_queries` writes. Needs the packages duckdb and sqlglot.

The tables are filled so that careless joins show: a key is unique, and each of its columns alone is
not; every other column repeats a few values, which are also values of keys, is empty now and then, and
sometimes points at nothing. Keys come from the evaluation sets, where those state them, and from the
catalog, never from the analysis. Asserted of each file, in ANSI SQL as it stands and in Databricks SQL
translated by sqlglot:

- it runs, with the proposed lines as they are and with all of them in use;
- the query of a fact gives each row of the fact once, in its own columns unchanged;
- the rows that the metrics count add up to those of their table.
"""

import json
import re
import sys
from collections import Counter
from pathlib import Path

import duckdb
import sqlglot
from sqlglot import exp

ROOT = Path(__file__).resolve().parent.parent
PROPOSED = re.compile(r"^--\?", re.MULTILINE)
ROWS = 24
# What columns hold that are no key: both match keys, one is empty, one points at nothing.
VALUES = [1, 2, None, 99]
TYPES = [
    ("BOOLEAN", r"bool|^bit$"),
    ("TIMESTAMP", r"timestamp|datetime"),
    ("DATE", r"^date"),
    ("BIGINT", r"int|long|serial"),
    ("DOUBLE", r"dec|num|money|float|double|real"),
]


def type_of(stated):
    stated = (stated or "").lower()
    return next((name for name, words in TYPES if re.search(words, stated)), "VARCHAR")


def literal(value, kind):
    if value is None:
        return "NULL"
    if kind == "BOOLEAN":
        return "TRUE" if value % 2 else "FALSE"
    if kind in ("DATE", "TIMESTAMP"):
        return f"{kind} '2024-01-01' + INTERVAL {value} DAY"
    return f"'{value}'" if kind == "VARCHAR" else str(value)


def quoted(name):
    return '"' + name.replace('"', '""') + '"'


def tables_of(export):
    """{(schema, table): [(column, type, flagged as key)]} of an export in the catalog's format."""
    pages = json.loads(export)
    assets = {}
    for page in pages:
        for asset in page if isinstance(page, list) else [page]:
            known = assets.setdefault(asset["id"], {})
            known.update({k: v for k, v in asset.items() if v is not None and k not in known})
    tables, paths = {}, {}
    for asset in assets.values():
        if asset["typeName"] in ("Table", "Database View"):
            path = asset["fullName"].split(">")
            tables[asset["id"]] = ((path[2].strip(), asset["displayName"].strip()), [])
            paths[asset["fullName"]] = asset["id"]
    for asset in assets.values():
        if asset["typeName"] == "Column":
            parent = asset.get("Hierarcy Relation")
            if parent not in tables:
                parent = paths[asset["fullName"].rsplit(">", 1)[0]]
            tables[parent][1].append(asset)
    found = {}
    for name, columns in tables.values():
        columns.sort(key=lambda column: column.get("columnPosition") or 0)
        found[name] = [
            (column["displayName"].strip(), type_of(column.get("technicalDataType")), column.get("isPrimaryKey"))
            for column in columns
        ]
    return found


def key_of(name, columns, stated):
    """The key by the evaluation set, else as flagged, else the first column: a surrogate by convention."""
    if name in stated:
        return stated[name]
    flagged = [column for column, _, key in columns if key]
    return flagged or [columns[0][0]]


def value_at(row, column, key):
    """What a column holds in a row; all rows differ in the columns of the key taken together."""
    if column not in key:
        return VALUES[row % len(VALUES)]
    place = key.index(column)
    if place < len(key) - 1:
        return (row >> place) % 2 + 1
    return (row >> (len(key) - 1)) + 1


def fill(engine, tables, stated):
    for schema in sorted({schema for schema, _ in tables}):
        engine.execute(f"CREATE SCHEMA IF NOT EXISTS {quoted(schema)}")
    for (schema, name), columns in tables.items():
        # The catalog can know of a table and not of its columns.
        columns = columns or [("unknown", "BIGINT", False)]
        path = f"{quoted(schema)}.{quoted(name)}"
        engine.execute(f"CREATE TABLE {path} ({', '.join(f'{quoted(c)} {t}' for c, t, _ in columns)})")
        key = key_of(name, columns, stated)
        rows = (
            "(" + ", ".join(literal(value_at(row, column, key), kind) for column, kind, _ in columns) + ")"
            for row in range(ROWS)
        )
        engine.execute(f"INSERT INTO {path} VALUES {', '.join(rows)}")


def rows_of(engine, sql):
    return Counter(engine.execute(sql).fetchall())


def check_statement(engine, statement):
    """'star' or 'metrics'; raises where the statement breaks its promise."""
    tree = sqlglot.parse_one(statement, read="duckdb").find(exp.Select)
    table = tree.find(exp.From).this
    path = f"{quoted(table.db)}.{quoted(table.name)}"
    (all_rows,) = engine.execute(f"SELECT count(*) FROM {path}").fetchone()
    assert all_rows == ROWS, f"{path} has {all_rows} rows"
    result = engine.execute(statement)
    names = [column[0].lower() for column in result.description]
    assert len(set(names)) == len(names), f"columns of one name in {names}"
    rows = result.fetchall()

    counts = [place for place, one in enumerate(tree.expressions) if isinstance(one.unalias(), exp.Count)]
    if counts and tree.expressions[counts[0]].unalias().this.__class__ is exp.Star:
        assert sum(row[counts[0]] for row in rows) == all_rows, "the metrics count rows twice or not at all"
        return "metrics"
    assert len(rows) == all_rows, f"{len(rows)} rows instead of {all_rows}"
    own = [place for place, one in enumerate(tree.expressions) if one.unalias().table == table.alias]
    assert own, "no column of the fact"
    columns = ", ".join(quoted(tree.expressions[place].unalias().name) for place in own)
    expected = rows_of(engine, f"SELECT {columns} FROM {path}")
    assert Counter(tuple(row[place] for place in own) for row in rows) == expected, "rows of the fact differ"
    for join in tree.args.get("joins") or []:
        alias = join.this.alias
        places = [place for place, one in enumerate(tree.expressions) if one.unalias().table == alias]
        met = any(row[place] is not None for row in rows for place in places)
        assert met or not places, f"nothing meets {alias}"
    return "star"


def statements(engine, path, proposed):
    """The statements of a file in DuckDB's SQL; with those lines in use that are only proposed."""
    text = path.read_text(encoding="utf-8")
    if proposed:
        text = PROPOSED.sub("   ", text)
    if path.name == "query_databricks.sql":
        return [one for one in sqlglot.transpile(text, read="databricks", write="duckdb", comments=False) if one]
    return [one.query for one in engine.extract_statements(text)]


def check_catalog(directory):
    truth = ROOT / "evaluation" / directory.name / "truth.json"
    stated = json.loads(truth.read_text(encoding="utf-8"))["primary_keys"] if truth.exists() else {}
    engine = duckdb.connect()
    fill(engine, tables_of((directory / "export.json").read_text(encoding="utf-8")), stated)
    seen, failed = Counter(), 0
    for path in sorted(directory.glob("*/*.sql")):
        for proposed in (False, True):
            try:
                for statement in statements(engine, path, proposed):
                    if proposed:
                        engine.execute(statement).fetchall()
                        seen["with all proposals"] += 1
                    else:
                        seen[check_statement(engine, statement)] += 1
            except (AssertionError, duckdb.Error, sqlglot.errors.SqlglotError) as error:
                failed += 1
                print(f"{path}{' with all proposals' if proposed else ''}: {error}", file=sys.stderr)
    print(f"{directory.name}: " + ", ".join(f"{count} {what}" for what, count in sorted(seen.items())))
    return seen, failed


def main():
    catalogs = sorted(path for path in Path(sys.argv[1]).iterdir() if path.is_dir())
    total, failed = Counter(), 0
    for directory in catalogs:
        seen, failures = check_catalog(directory)
        total += seen
        failed += failures
    # A check that finds nothing to check has failed.
    if failed or min(total["star"], total["metrics"], total["with all proposals"]) == 0:
        sys.exit(f"{failed} files failed; {dict(total)}")


if __name__ == "__main__":
    main()
