#!/usr/bin/env python3
"""Recomputes the digest of a published evaluation report without any code of the platform.

usage: verify-seal.py [FILE]     (standard input without FILE)

Reads the JSON that the procedure `evaluation.sealedReport` answers, as it is or as it comes over HTTP,
prints the SHA-256 of its rows, and ends with 1 when the report states another one, with 2 when the
JSON is no complete report: a branch sees only its own rows, and a part has no digest.
"""

import hashlib
import json
import sys

VALUE_COLUMNS = ("subjectKind", "subjectId", "indicatorCode", "groupOrgId", "valueNum", "valueDen")
RESULT_COLUMNS = (
    "populationKind",
    "populationOrgId",
    "subjectKind",
    "subjectId",
    "indicatorCode",
    "groupOrgId",
    "scoreNum",
    "scoreDen",
    "rank",
    "ofN",
    "isTop",
    "prevRank",
)


def cell(value):
    """One value of a row: `\\N` for a missing one, and words for truth."""
    if value is None:
        return "\\N"
    if value is True:
        return "true"
    if value is False:
        return "false"
    return str(value)


def line(*values):
    return "\t".join(cell(value) for value in values)


def rows(mark, columns, records):
    """The lines of one table in an order that does not depend on how they were read: by UTF-16 code units."""
    lines = [line(mark, *(record[column] for column in columns)) for record in records]
    return sorted(lines, key=lambda text: text.encode("utf-16-be"))


def digest(report):
    """SHA-256 over the lines of a report, joined by line feeds."""
    run = report["run"]
    head = line("RUN", run["id"], run["period"]["id"], run["schemeVersionId"], run["asOfOn"])
    lines = [head, *rows("V", VALUE_COLUMNS, report["values"]), *rows("R", RESULT_COLUMNS, report["results"])]
    return hashlib.sha256("\n".join(lines).encode("utf-8")).hexdigest()


def unwrap(answer):
    """The report itself inside a batch and inside the envelope of the transport."""
    if isinstance(answer, list):
        answer = answer[0]
    while isinstance(answer, dict) and "results" not in answer:
        inner = next((answer[key] for key in ("result", "data", "json") if key in answer), None)
        if inner is None:
            break
        answer = inner
    return answer


def main(arguments):
    if len(arguments) > 1 or arguments[:1] == ["--help"]:
        print(__doc__.strip(), file=sys.stderr)
        return 2
    try:
        if arguments:
            with open(arguments[0], encoding="utf-8") as file:
                report = unwrap(json.load(file))
        else:
            report = unwrap(json.load(sys.stdin))
        if report["whole"] is not True:
            print("only a part of the report: read it as the committee", file=sys.stderr)
            return 2
        computed, stated = digest(report), report["run"]["digest"]
    except (OSError, ValueError, KeyError, TypeError, IndexError) as error:
        print(f"not a sealed report: {error!r}", file=sys.stderr)
        return 2
    print(computed)
    if computed != stated:
        print(f"the report states {stated}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
