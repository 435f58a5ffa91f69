"""Checks Kubernetes objects against the published JSON schemas, strictly: an unknown field is a fault.

Usage: kubernetes_schema.py VERSION... < list of YAML files

Prints a line per fault, and at the end how many objects were checked. Needs the pip package kubernetes-validate, which
carries the schemas; run by tests/kubernetes_valid.rs, which also installs it.
"""

import functools
import pathlib
import sys

import yaml
from kubernetes_validate import utils

# Served by a custom resource definition; no Kubernetes schema has it.
NOT_BUILT_IN = {"external-secrets.io/v1", "gateway.networking.k8s.io/v1"}

# Read once, and not again for each object.
utils.schema_contents = functools.lru_cache(maxsize=None)(utils.schema_contents)


def faults(resource, versions):
    for version in versions:
        try:
            utils.validate(resource, version, strict=True)
        except utils.ValidationError as error:
            path = ".".join(str(part) for part in error.path)
            yield f"{version}: {path}: {error.message}"
        except utils.SchemaNotFoundError as error:
            yield f"{version}: {error.message}"


def main(versions):
    known = {utils.major_minor(version) for version in utils.all_versions()}
    missing = set(versions) - known
    if missing:
        sys.exit(f"the package has no schemas of {missing}")
    checked = 0
    for name in sys.stdin.read().split("\n"):
        if not name:
            continue
        for resource in yaml.safe_load_all(pathlib.Path(name).read_text(encoding="utf-8")):
            if resource is None or resource.get("apiVersion") in NOT_BUILT_IN:
                continue
            checked += 1
            for fault in faults(resource, versions):
                print(f"{name}: {resource['kind']}/{resource['metadata']['name']}: {fault}")
    print(f"{checked} objects checked")


if __name__ == "__main__":
    main(sys.argv[1:])
