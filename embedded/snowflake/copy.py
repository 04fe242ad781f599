"""A pipe's COPY statement, read: from which stage, into which columns of which table, by which expressions."""

from dataclasses import dataclass

import sqlglot
from sqlglot import exp

from embedded.snowflake.catalogue import quoted
from embedded.snowflake.expressions import paths, translated


class CopyError(ValueError):
    """A statement that is no COPY the embedded pipe can run; the message says which part."""


@dataclass(frozen=True)
class Copy:
    """table and stage: full names as the catalogue has them. expressions: DuckDB's, one for each column. paths: those
    below `$1` that the expressions name.

    on_error: `CONTINUE` leaves out the rows that fail, `SKIP_FILE` (a pipe's default) the file that has one.
    """

    table: str
    stage: str
    columns: tuple[str, ...]
    expressions: tuple[str, ...]
    paths: tuple[str, ...]
    on_error: str


def parse(statement: str) -> Copy:
    """Reads a COPY statement. Raises CopyError, or NotTranslated for an expression that is not known."""
    try:
        copy = sqlglot.parse_one(statement, dialect="snowflake")
    except sqlglot.ParseError as error:
        raise CopyError(f"the COPY statement can not be read: {error}") from error
    if not isinstance(copy, exp.Copy) or not isinstance(copy.this, exp.Schema):
        raise CopyError("the statement is not COPY INTO a table with its columns named")
    source = copy.args["files"][0]
    select = source.this if isinstance(source, exp.Subquery) else None
    if not isinstance(select, exp.Select):
        raise CopyError("the COPY statement has no SELECT from a stage")
    for clause in ("where", "joins", "group", "order", "limit", "distinct"):
        if select.args.get(clause):
            raise CopyError(f"a COPY statement takes no {clause.upper()} in its SELECT")
    columns = tuple(_identifier(column) for column in copy.this.expressions)
    expressions = tuple(translated(expression) for expression in select.expressions)
    if len(columns) != len(expressions):
        raise CopyError(f"the COPY statement names {len(columns)} columns and selects {len(expressions)}")
    return Copy(
        table=quoted(*(_identifier(part) for part in copy.this.this.parts)),
        stage=_stage(select),
        columns=columns,
        expressions=expressions,
        paths=tuple(dict.fromkeys(path for expression in select.expressions for path in paths(expression))),
        on_error=_on_error(copy),
    )


def _stage(select: exp.Select) -> str:
    table = select.args["from_"].this
    name = table.this.name if isinstance(table.this, exp.Var) else table.name
    if not name.startswith("@"):
        raise CopyError(f"the COPY statement selects from {name}, which is not a stage (@…)")
    if "/" in name:
        raise CopyError(f"the COPY statement selects from a path below its stage ({name}), which is not embedded")
    parts = exp.to_table(name.removeprefix("@"), dialect="snowflake").parts
    return quoted(*(_identifier(part) for part in parts))


def _on_error(copy: exp.Copy) -> str:
    for parameter in copy.args.get("params") or []:
        name = parameter.this.name.upper()
        if name == "ON_ERROR":
            value = parameter.expression.name.upper()
            if value not in ("CONTINUE", "SKIP_FILE"):
                raise CopyError(f"ON_ERROR = {value} is not part of the embedded pipe")
            return value
        if name not in ("FILE_FORMAT",):
            raise CopyError(f"the COPY option {name} is not part of the embedded pipe")
    return "SKIP_FILE"


def _identifier(part: exp.Expr) -> str:
    """An identifier's name as Snowflake stores it: upper case unless it is quoted."""
    return part.name if part.args.get("quoted") else part.name.upper()
