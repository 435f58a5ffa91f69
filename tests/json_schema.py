"""Checks JSON files against a JSON schema.

Usage: json_schema.py SCHEMA < list of JSON files

Prints a line per fault, and at the end how many files were checked. Needs the pip package jsonschema; run by
tests/support/schema_script.rs, which also installs it.
"""

import json
import pathlib
import sys

from jsonschema import validators


def main(schema):
    schema = json.loads(pathlib.Path(schema).read_text(encoding="utf-8"))
    kind = validators.validator_for(schema)
    kind.check_schema(schema)
    validator = kind(schema)
    files = sys.stdin.read().split("\n")
    for name in files:
        for fault in validator.iter_errors(json.loads(pathlib.Path(name).read_text(encoding="utf-8"))):
            path = ".".join(str(part) for part in fault.absolute_path)
            print(f"{name}: {path}: {fault.message}")
    print(f"{len(files)} files checked")


if __name__ == "__main__":
    main(sys.argv[1])
