#!/usr/bin/env bash
# Plants each bug of tests/simulation/planted in a copy of the sources, and shows which seed finds it. By hand, now and
# then: ./dev simulate --planted [NAME…]. The seeds are kept in planted/seeds, which the quick tests replay.
set -euo pipefail

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
planted=$root/tests/simulation/planted
copy=$root/build/planted
most=10000
cd "$root"

mkdir -p "$copy"
git ls-files -z | xargs -0 cp --parents --update --preserve=timestamps -t "$copy"

names=("$@")
if ((${#names[@]} == 0)); then
  for patch in "$planted"/*.patch; do
    patch=${patch##*/}
    names+=("${patch%.patch}")
  done
fi

# All of them: their seeds are written anew. Some of them: the seeds stay.
kept=/dev/null
if (($# == 0)); then
  kept=$planted/seeds
  echo '# The seed that finds each planted bug. Written by ./dev simulate --planted.' >"$kept"
fi

missed=0
for name in "${names[@]}"; do
  patch --quiet -p1 -d "$copy" <"$planted/$name.patch"
  built=0
  "$copy/dev" build release cairn_simulate >"$copy/$name.log" 2>&1 || built=$?
  found=''
  if ((built == 0)); then
    # An assertion of the engine finds a bug too: then the seed is told on stderr.
    "$copy/build/release/cairn_simulate" --seeds "$most" >"$copy/$name.log" 2>&1 || true
    found=$(sed -nE 's/^(the seed was +|seed )([0-9]+).*/\2/p' "$copy/$name.log" | head -n 1)
  fi
  patch --quiet --reverse -p1 -d "$copy" <"$planted/$name.patch"
  if ((built != 0)); then
    printf '%-40s does not build, see %s\n' "$name" "$copy/$name.log"
    missed=1
  elif [[ -z $found ]]; then
    printf '%-40s NOT FOUND in %d worlds\n' "$name" "$most"
    missed=1
  else
    echo "$name $found" >>"$kept"
    printf '%-40s seed %-6s %s\n' "$name" "$found" "$(sed -nE "s/^seed $found: //p" "$copy/$name.log" | tail -n 1)"
  fi
done
exit "$missed"
