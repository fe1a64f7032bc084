"""The evaluation sets: published schemas as catalog exports, each with its truth.

    python3 scripts/evaluation_sets.py            # writes export.json and truth.json of every set
    python3 scripts/evaluation_sets.py --check    # writes nothing; exit status 1 names files that differ

A set is a folder evaluation/<set>/ with two files written by hand:

schema.sql   the published definition, one item a line. It opens with comments of the form `-- title: …`, `-- source: …`
             and `-- schema: …` (the schema's full name, `Systems>database>schema`); other comments are for readers.
             The DDL is a small dialect: CREATE TABLE with columns, PRIMARY KEY and FOREIGN KEY … REFERENCES ….
classes.tsv  the class of each table, one a line after the header `table<TAB>class`: fact, dimension, bridge, or
             technical for one of a loading process or a tool. Tables that are none of these are left out.

From them come export.json, what a data catalog would say about the schema (no foreign keys, no classes), and truth.json,
what is to be inferred from it. The output depends on these files alone: ids are derived from full names.
"""

from __future__ import annotations

import argparse
import json
import re
import sys
from dataclasses import dataclass, field
from pathlib import Path
from uuid import NAMESPACE_URL, uuid5

SETS = Path(__file__).resolve().parent.parent / "evaluation"
NAMESPACE = uuid5(NAMESPACE_URL, "https://catalog.example/evaluation")
CLASSES = ("fact", "dimension", "bridge")
TECHNICAL = "technical"  # no class to be inferred, but weights are fitted on such tables, too
HEADERS = ("title", "source", "schema")


class Wrong(Exception):
    """Something in a hand-written file that this script does not understand or that cannot be right."""


@dataclass(frozen=True)
class Column:
    name: str
    type: str
    nullable: bool


@dataclass(frozen=True)
class ForeignKey:
    columns: list[str]
    to: str
    to_columns: list[str]


@dataclass
class Table:
    name: str
    columns: list[Column] = field(default_factory=list)
    primary_key: list[str] = field(default_factory=list)
    foreign_keys: list[ForeignKey] = field(default_factory=list)

    def has(self, columns: list[str]) -> bool:
        return set(columns) <= {column.name for column in self.columns}


@dataclass
class Schema:
    headers: dict[str, str] = field(default_factory=dict)
    tables: dict[str, Table] = field(default_factory=dict)


# --- Reading ------------------------------------------------------------------------------------------

NAME = r'(?:\w+|"[^"]+")'
NAMES = rf"{NAME}(?:, {NAME})*"
TYPE = r"[a-z]\w*(?:\((?:\d+(?:,\d+)?|max)\))?"

HEADER = re.compile(r"-- (\w+): (.+)")
CREATE = re.compile(rf"CREATE TABLE ({NAME}) \(")
PRIMARY = re.compile(rf"PRIMARY KEY \(({NAMES})\)")
FOREIGN = re.compile(rf"FOREIGN KEY \(({NAMES})\) REFERENCES ({NAME}) \(({NAMES})\)")
COLUMN = re.compile(rf"({NAME}) +({TYPE})( +NOT NULL)?")


def unquoted(name: str) -> str:
    return name.strip('"')


def names(text: str) -> list[str]:
    return [unquoted(name) for name in re.findall(NAME, text)]


def read_schema(path: Path) -> Schema:
    schema = Schema()
    table = None  # the one being declared
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
        line = line.strip()
        try:
            if line.startswith("--"):
                if (header := HEADER.fullmatch(line)) and header[1] in HEADERS:
                    schema.headers[header[1]] = header[2]
            elif table is None and (create := CREATE.fullmatch(line)):
                table = Table(unquoted(create[1]))
                if table.name in schema.tables:
                    raise Wrong(f"a second table {table.name}")
                schema.tables[table.name] = table
            elif table is not None and line == ");":
                table = None
            elif table is not None and line:
                declare(table, line.removesuffix(","))
            elif line:
                raise Wrong("not understood")
        except Wrong as wrong:
            raise Wrong(f"{path}:{number}: {wrong}: {line}") from None
    try:
        if table is not None:
            raise Wrong(f"table {table.name} is not closed by a line `);`")
        check(schema)
    except Wrong as wrong:
        raise Wrong(f"{path}: {wrong}") from None
    return schema


def declare(table: Table, line: str) -> None:
    """Adds what one line inside CREATE TABLE declares."""
    if key := PRIMARY.fullmatch(line):
        if table.primary_key:
            raise Wrong("a second primary key")
        table.primary_key = names(key[1])
    elif key := FOREIGN.fullmatch(line):
        table.foreign_keys.append(ForeignKey(names(key[1]), unquoted(key[2]), names(key[3])))
    elif column := COLUMN.fullmatch(line):
        name = unquoted(column[1])
        if table.has([name]):
            raise Wrong("a second column of the name")
        table.columns.append(Column(name, column[2], nullable=column[3] is None))
    else:
        raise Wrong("not understood")


def check(schema: Schema) -> None:
    """Whatever a key names has to exist, and a foreign key refers to the whole primary key of its target."""
    for header in HEADERS:
        if header not in schema.headers:
            raise Wrong(f"no comment `-- {header}: …`")
    for table in schema.tables.values():
        if not table.has(table.primary_key):
            raise Wrong(f"the primary key of {table.name} names a column it does not have")
        for key in table.foreign_keys:
            what = f"foreign key {table.name} ({', '.join(key.columns)}) to {key.to} ({', '.join(key.to_columns)})"
            if not table.has(key.columns):
                raise Wrong(f"{what}: no such column in {table.name}")
            if key.to not in schema.tables:
                raise Wrong(f"{what}: no table {key.to}")
            if key.to_columns != schema.tables[key.to].primary_key:
                raise Wrong(f"{what}: not the primary key of {key.to}")
            if len(key.columns) != len(key.to_columns):
                raise Wrong(f"{what}: as many columns on both sides")


def read_classes(path: Path, schema: Schema) -> dict[str, str]:
    header, *lines = path.read_text(encoding="utf-8").splitlines()
    kinds = (*CLASSES, TECHNICAL)
    if header != "table\tclass":
        raise Wrong(f"{path}:1: the header is not table<TAB>class")
    classes: dict[str, str] = {}
    for number, line in enumerate(lines, 2):
        table, _, kind = line.partition("\t")
        if table not in schema.tables or table in classes or kind not in kinds:
            raise Wrong(f"{path}:{number}: not a table of the schema, a second time, or not one of {kinds}: {line}")
        classes[table] = kind
    return classes


# --- Writing ------------------------------------------------------------------------------------------


def asset(name: str, full_name: str, kind: str, parent: str | None = None, **fields: object) -> dict[str, object]:
    relation = {} if parent is None else {"Hierarcy Relation": identifier(parent)}
    return {
        "id": identifier(full_name),
        "displayName": name,
        "fullName": full_name,
        "typeName": kind,
        **relation,
        **fields,
    }


def identifier(full_name: str) -> str:
    return str(uuid5(NAMESPACE, full_name))


def export(schema: Schema) -> str:
    """The catalog's assets, one a line."""
    root = schema.headers["schema"]
    assets = [asset(root.rpartition(">")[2], root, "Schema")]
    for table in schema.tables.values():
        path = f"{root}>{table.name}"
        assets.append(asset(table.name, path, "Table", root))
        assets.extend(
            asset(
                column.name,
                f"{path}>{column.name}(column)",
                "Column",
                path,
                technicalDataType=column.type,
                columnPosition=float(position),
                isNullable=column.nullable,
                isPrimaryKey=column.name in table.primary_key,
            )
            for position, column in enumerate(table.columns, 1)
        )
    return "[\n" + ",\n".join(compact(one) for one in assets) + "\n]\n"


def truth(name: str, schema: Schema, classes: dict[str, str]) -> str:
    """What is to be inferred, one key or class a line."""
    primary = {table.name: table.primary_key for table in schema.tables.values() if table.primary_key}
    foreign = [
        {"from": table.name, "columns": key.columns, "to": key.to, "to_columns": key.to_columns}
        for table in schema.tables.values()
        for key in table.foreign_keys
    ]
    judged = [f"{compact(table)}: {compact(kind)}" for table, kind in classes.items() if kind != TECHNICAL]
    parts = [
        f'"name": {compact(name)}',
        f'"title": {compact(schema.headers["title"])}',
        f'"source": {compact(schema.headers["source"])}',
        f'"primary_keys": {block("{", [f"{compact(table)}: {compact(key)}" for table, key in primary.items()], "}")}',
        f'"foreign_keys": {block("[", [compact(key) for key in foreign], "]")}',
        f'"classes": {block("{", judged, "}")}',
    ]
    if technical := [compact(table) for table, kind in classes.items() if kind == TECHNICAL]:
        parts.append(f'"technical": {block("[", technical, "]")}')
    return block("{", parts, "}", indent="") + "\n"


def block(opening: str, lines: list[str], closing: str, indent: str = "  ") -> str:
    inner = ",\n".join(f"{indent}  {line}" for line in lines)
    return f"{opening}\n{inner}\n{indent}{closing}" if lines else opening + closing


def compact(value: object) -> str:
    return json.dumps(value, ensure_ascii=False)


def summary(name: str, schema: Schema, classes: dict[str, str]) -> str:
    tables = schema.tables.values()
    counts = [
        f"{len(tables)} tables",
        f"{sum(len(table.columns) for table in tables)} columns",
        f"{sum(bool(table.primary_key) for table in tables)} primary keys",
        f"{sum(len(table.foreign_keys) for table in tables)} foreign keys",
        *(f"{list(classes.values()).count(kind)} {kind}" for kind in CLASSES),
    ]
    return f"{name}: {', '.join(counts)}"


def main() -> int:
    arguments = argparse.ArgumentParser(description="Writes the evaluation sets' exports and truths.")
    arguments.add_argument("--check", action="store_true", help="write nothing, name files that differ")
    checking = arguments.parse_args().check
    differ = []
    for path in sorted(SETS.glob("*/schema.sql")):
        folder = path.parent
        schema = read_schema(path)
        classes = read_classes(folder / "classes.tsv", schema)
        for file, text in (
            (folder / "export.json", export(schema)),
            (folder / "truth.json", truth(folder.name, schema, classes)),
        ):
            if not checking:
                file.write_text(text, encoding="utf-8")
            elif not file.exists() or file.read_text(encoding="utf-8") != text:
                differ.append(file.relative_to(SETS.parent))
        print(summary(folder.name, schema, classes))
    for file in differ:
        print(f"{file} is not what scripts/evaluation_sets.py writes", file=sys.stderr)
    return 1 if differ else 0


if __name__ == "__main__":
    try:
        sys.exit(main())
    except Wrong as wrong:
        sys.exit(str(wrong))
