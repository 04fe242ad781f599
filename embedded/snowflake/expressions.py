"""Snowflake expressions over a staged JSON line, as DuckDB expressions.

Only what is listed here is translated, each with the meaning Snowflake gives it; anything else is an error that names
it, never a guess. The line and the file's metadata are columns whose names, below, no table's column has.
"""

import uuid
from collections.abc import Callable

from sqlglot import exp

RECORD, FILENAME, ROW, SCAN_TIME = '"$record"', '"$filename"', '"$row"', '"$scan_time"'  # JSON, text, number, UTC
METADATA = {
    "METADATA$FILENAME": FILENAME,
    "METADATA$FILE_ROW_NUMBER": ROW,
    "METADATA$START_SCAN_TIME": SCAN_TIME,
}
NUMBERS = (exp.DType.INT, exp.DType.BIGINT, exp.DType.SMALLINT, exp.DType.TINYINT, exp.DType.DECIMAL)
TEXTS = (exp.DType.TEXT, exp.DType.VARCHAR, exp.DType.CHAR)
PLAIN = {
    exp.DType.DOUBLE: "DOUBLE",
    exp.DType.FLOAT: "DOUBLE",
    exp.DType.BOOLEAN: "BOOLEAN",
    exp.DType.DATE: "DATE",
    exp.DType.TIMESTAMPNTZ: "TIMESTAMP",
}
COMPARISONS = {exp.EQ: "=", exp.NEQ: "<>", exp.GT: ">", exp.GTE: ">=", exp.LT: "<", exp.LTE: "<="}
ARITHMETIC = {exp.Add: "+", exp.Sub: "-", exp.Mul: "*"}
MICROSECOND_SCALE = 6


class NotTranslated(ValueError):
    """Part of a statement that the embedded Snowflake account does not know."""

    def __init__(self, part: exp.Expr) -> None:
        super().__init__(f"the embedded pipe does not know `{part.sql(dialect='snowflake')}`")


def translated(expression: exp.Expr) -> str:
    """A DuckDB expression of the same meaning; a VARIANT value stays JSON. Raises NotTranslated."""
    if isinstance(expression, exp.Parameter | exp.JSONExtract):
        return _variant(expression)
    for kind, translate in TRANSLATIONS.items():
        if type(expression) is kind:
            return translate(expression)
    raise NotTranslated(expression)


def paths(expression: exp.Expr) -> list[str]:
    """The paths below `$1` in an expression, as DuckDB literals."""
    return [_path(part) for part in expression.find_all(exp.JSONExtract)]


def text_at(path: str) -> str:
    """The text at a path, as it stands in a translated expression."""
    return f"json_extract_string({RECORD}, {path})"


def _variant(expression: exp.Expr) -> str:
    """`$1` or a path below it, as JSON."""
    if isinstance(expression, exp.Parameter) and expression.name == "1":
        return RECORD
    return f"json_extract({RECORD}, {_path(expression)})"


def _path(expression: exp.Expr) -> str:
    """A path below `$1` as a DuckDB literal. Keys are matched exactly, as in Snowflake."""
    base = expression.this
    if not (isinstance(expression, exp.JSONExtract) and isinstance(base, exp.Parameter) and base.name == "1"):
        raise NotTranslated(expression)
    path = "$"
    for part in expression.expression.expressions:
        if isinstance(part, exp.JSONPathKey) and '"' not in str(part.this) and part.this != "*":
            path += f'."{part.this}"'
        elif isinstance(part, exp.JSONPathSubscript) and isinstance(part.this, int):
            path += f"[{part.this}]"
        elif not isinstance(part, exp.JSONPathRoot):
            raise NotTranslated(expression)
    return _literal(path)


def _value(expression: exp.Expr) -> str:
    """An expression as a plain value: a VARIANT is taken as text, as Snowflake does where a function wants text."""
    if isinstance(expression, exp.Parameter) and expression.name == "1":
        return f"json_extract_string({RECORD}, '$')"
    if isinstance(expression, exp.JSONExtract):
        return text_at(_path(expression))
    return translated(expression)


def _text(expression: exp.Expr) -> str:
    """An expression as text."""
    value = _value(expression)
    return f"CAST({value} AS VARCHAR)" if isinstance(expression, exp.Column) else value


def _cast(expression: exp.Expr) -> str:
    return _converted(expression, "CAST")


def _try_cast(expression: exp.Expr) -> str:
    return _converted(expression, "TRY_CAST")


def _converted(expression: exp.Expr, cast: str) -> str:
    kind, wanted = expression.args["to"].this, expression.args["to"]
    sizes = [int(parameter.name) for parameter in wanted.expressions]
    if kind == exp.DType.VARIANT and isinstance(expression.this, exp.Parameter | exp.JSONExtract):
        return _variant(expression.this)
    value = _value(expression.this)
    if kind in TEXTS:
        return f"left(CAST({value} AS VARCHAR), {sizes[0]})" if sizes else f"CAST({value} AS VARCHAR)"
    if kind in NUMBERS:
        precision, scale = [*sizes, *(38, 0)[len(sizes) :]]
        return f"{cast}({value} AS DECIMAL({precision}, {scale}))"
    if kind in PLAIN:
        return f"{cast}({value} AS {PLAIN[kind]})"
    raise NotTranslated(expression)


def _number(expression: exp.Expr) -> str:
    cast = "TRY_CAST" if expression.args.get("safe") else "CAST"
    if expression.args.get("format"):
        raise NotTranslated(expression)
    precision, scale = expression.args.get("precision"), expression.args.get("scale")
    size = f"{precision.name if precision else 38}, {scale.name if scale else 0}"
    return f"{cast}({_value(expression.this)} AS DECIMAL({size}))"


def _timestamp(expression: exp.Expr) -> str:
    """TO_TIMESTAMP_NTZ(number, scale): `scale` digits of the number are below the second."""
    scale = int(expression.args["scale"].name) if expression.args.get("scale") else 0
    number = f"CAST({_value(expression.this)} AS BIGINT)"
    if scale <= MICROSECOND_SCALE:
        return f"make_timestamp({number} * {10 ** (MICROSECOND_SCALE - scale)})"
    return f"make_timestamp({number} // {10 ** (scale - MICROSECOND_SCALE)})"


def _utc(expression: exp.Expr) -> str:
    """CONVERT_TIMEZONE('UTC', METADATA$START_SCAN_TIME): the scan time is kept in UTC."""
    timestamp = expression.args["timestamp"]
    if expression.args["target_tz"].name != "UTC" or timestamp.name.upper() != "METADATA$START_SCAN_TIME":
        raise NotTranslated(expression)
    return SCAN_TIME


def _uuid(expression: exp.Expr) -> str:
    """UUID_STRING(namespace, name): version 5, from the SHA-1 of both (RFC 9562, 5.5)."""
    namespace, name = expression.this, expression.args.get("name")
    if not isinstance(namespace, exp.Literal) or name is None:
        raise NotTranslated(expression)
    digest = f"sha1(unhex('{uuid.UUID(namespace.name).hex}') || encode({_text(name)}))"
    variant = f"translate(substr({digest}, 17, 1), '0123456789abcdef', '89ab89ab89ab89ab')"
    parts = [f"substr({digest}, 1, 8)", f"substr({digest}, 9, 4)", f"'5' || substr({digest}, 14, 3)"]
    parts += [f"{variant} || substr({digest}, 18, 3)", f"substr({digest}, 21, 12)"]
    return "(" + " || '-' || ".join(parts) + ")"


def _substring(expression: exp.Expr) -> str:
    start, length = expression.args["start"], expression.args.get("length")
    first = f"greatest({translated(start)}, 1)" if not isinstance(start, exp.Neg) else translated(start)
    rest = f", {translated(length)}" if length else ""
    return f"substr({_text(expression.this)}, {first}{rest})"


def _trim(expression: exp.Expr) -> str:
    if expression.args.get("position") or expression.args.get("collation"):
        raise NotTranslated(expression)
    # Snowflake's TRIM takes away blanks only, as DuckDB's does.
    characters = expression.args.get("expression")
    return f"trim({_text(expression.this)}{f', {_text(characters)}' if characters else ''})"


def _concat(expression: exp.Expr) -> str:
    """NULL where any part is NULL."""
    return "(" + " || ".join(_text(part) for part in expression.expressions) + ")"


def _case(expression: exp.Expr) -> str:
    if expression.this:
        raise NotTranslated(expression)
    branches = " ".join(
        f"WHEN {_value(branch.this)} THEN {_value(branch.args['true'])}" for branch in expression.args["ifs"]
    )
    otherwise = expression.args.get("default")
    return f"CASE {branches}{f' ELSE {_value(otherwise)}' if otherwise else ''} END"


def _if(expression: exp.Expr) -> str:
    otherwise = expression.args.get("false")
    return (
        f"CASE WHEN {_value(expression.this)} THEN {_value(expression.args['true'])} "
        f"ELSE {_value(otherwise) if otherwise else 'NULL'} END"
    )


def _is(expression: exp.Expr) -> str:
    """IS NULL is asked of the VARIANT itself: a JSON null is not NULL in Snowflake either."""
    return f"({translated(expression.this)} IS {translated(expression.expression)})"


def _column(expression: exp.Expr) -> str:
    name = METADATA.get(expression.name.upper())
    if name is None or expression.args.get("table"):
        raise NotTranslated(expression)
    return name


def _function(name: str) -> Callable[[exp.Expr], str]:
    """A function of one text with the same name and meaning in both."""
    return lambda expression: f"{name}({_text(expression.this)})"


def _of_two(name: str) -> Callable[[exp.Expr], str]:
    """left, right: a text and a number."""
    return lambda expression: f"{name}({_text(expression.this)}, greatest({_value(expression.expression)}, 0))"


def _infix(operator: str) -> Callable[[exp.Expr], str]:
    return lambda expression: f"({_value(expression.this)} {operator} {_value(expression.expression)})"


def _literal(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"


TRANSLATIONS: dict[type[exp.Expr], Callable[[exp.Expr], str]] = {
    exp.Cast: _cast,
    exp.TryCast: _try_cast,
    exp.ToNumber: _number,
    exp.ToChar: lambda expression: f"CAST({_value(expression.this)} AS VARCHAR)",
    exp.UnixToTime: _timestamp,
    exp.ConvertTimezone: _utc,
    exp.Uuid: _uuid,
    exp.Lower: _function("lower"),
    exp.Upper: _function("upper"),
    exp.Length: _function("length"),
    exp.Trim: _trim,
    exp.Left: _of_two("left"),
    exp.Right: _of_two("right"),
    exp.Substring: _substring,
    exp.Replace: lambda expression: (
        f"replace({_text(expression.this)}, {_text(expression.expression)}, {_text(expression.args['replacement'])})"
    ),
    exp.Concat: _concat,
    exp.DPipe: lambda expression: f"({_text(expression.this)} || {_text(expression.expression)})",
    exp.Nullif: lambda expression: f"nullif({_value(expression.this)}, {_value(expression.expression)})",
    exp.Coalesce: lambda expression: f"coalesce({', '.join(map(_value, [expression.this, *expression.expressions]))})",
    exp.Case: _case,
    exp.If: _if,
    exp.Is: _is,
    exp.In: lambda expression: f"({_value(expression.this)} IN ({', '.join(map(_value, expression.expressions))}))",
    exp.Not: lambda expression: f"(NOT {_value(expression.this)})",
    exp.And: _infix("AND"),
    exp.Or: _infix("OR"),
    exp.Paren: lambda expression: f"({_value(expression.this)})",
    exp.Neg: lambda expression: f"(-{_value(expression.this)})",
    exp.Column: _column,
    exp.Literal: lambda expression: _literal(expression.name) if expression.is_string else expression.name,
    exp.Null: lambda _: "NULL",
    exp.Boolean: lambda expression: "TRUE" if expression.this else "FALSE",
    **{kind: _infix(operator) for kind, operator in (COMPARISONS | ARITHMETIC).items()},
}
