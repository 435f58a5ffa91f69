#!/bin/sh
# Makes first inputs of all targets from directories with Compose projects; without arguments from our own fixtures.
# An input of `load` is several files in the order of `FILES` in src/fuzz.rs, with a byte 0xff between them.
set -eu
cd "$(dirname "$0")"
mkdir -p corpus/tree corpus/interpolation corpus/dotenv corpus/load
name_of() { sha256sum "$1" | cut -c1-16; }
keep() { # target, file
    cp "$2" "corpus/$1/$(name_of "$2")"
}
find "${@:-../fixtures}" -type f \( -name '*.yaml' -o -name '*.yml' \) -size -16k | while read -r file; do
    keep tree "$file"
    keep load "$file"
done
find "${@:-../fixtures}" -type f \( -name '.env' -o -name '*.env' \) -size -16k | while read -r file; do
    keep dotenv "$file"
done
scratch=$(mktemp)
trap 'rm -f "$scratch"' EXIT
find "${@:-../fixtures}" -type f -name compose.yaml | while read -r file; do
    directory=$(dirname "$file")
    : > "$scratch"
    for part in compose.yaml compose.override.yaml .env a.yaml sub/b.yaml sub/.env e.env l.env; do
        [ "$part" = compose.yaml ] || printf '\377' >> "$scratch"
        [ ! -f "$directory/$part" ] || cat "$directory/$part" >> "$scratch"
    done
    keep load "$scratch"
done
while IFS= read -r line; do
    printf '%s' "$line" > "$scratch"
    keep interpolation "$scratch"
done <<'END'
a $SET ${SET} $$ $1 $(x) a$
${U:-{"a":{"b":1}}} tail}
${SET:-${U:?m}}
${U:-a:?b}${SET:+x}${EMPTY-y}${EMPTY:-z}
${U:-${V:-${W:-${LONG}}}}
${} ${1} ${a b} ${X:=y}
END
while IFS= read -r line; do
    printf '%b' "$line" > "$scratch"
    keep dotenv "$scratch"
done <<'END'
A='a\\nb'\nB="a\\nb"\nC=a\\nb\n
export A=1\nB="${A:-z} \\$B"\nD= #x\nE=x #c\n
A.b-c[0]: "x\ny" # c\nINHERITED\n# c\n\n
A="\\a\\b\\f\\101\\0101\\c"\nB='it\\'s'\n
A=${U:?m}
END
