#!/bin/sh
# What `make demo` does: a config checked, trained, evaluated and exported. Usage: demo.sh FOLDER
set -eu

bin=${BIN:-.venv/bin}
config=configs/digits_mlp.yaml
folder=$1

say() {
    printf '\n$ lipbuild %s\n' "$*"
    "$bin/lipbuild" "$@"
}

rm -rf "$folder"
say check "$config"
say train "$config" --output "$folder"
run=$(ls -d "$folder"/digits_mlp-*)
say evaluate "$run"
say export "$run" --to keras --output "$folder/digits_mlp.keras"

printf '\nmade in %s:\n' "$folder"
printf '  %-28s a plain Keras model: keras.saving.load_model loads it without lipbuild\n' digits_mlp.keras
printf '  %-28s config, environment, metrics, model, evaluation\n' "$(basename "$run")/"
