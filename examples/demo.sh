#!/usr/bin/env bash
# What cairn is for, in half a minute of running and two of reading: a workflow is killed half way and goes on as if
# nothing had happened. `./dev demo` builds cairn and runs this; CAIRN names another binary.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

cairn=$(realpath "${CAIRN:-build/release/cairn}")
[[ -x $cairn ]] || { echo "demo: there is no $cairn; run ./dev build first" >&2; exit 1; }

here=$(mktemp -d)
export CAIRN_DATA=$here/data
workflow=examples/lead-intake/workflow.yaml
stand_in=0 running=0

clean_up() {
  local status=$?
  for process in $running $stand_in; do
    if ((process)); then { kill -9 "$process" && wait "$process"; } 2>/dev/null || true; fi
  done
  rm -rf "$here"
  ((status == 0)) || echo "demo: stopped, a step failed (exit $status)" >&2
  exit "$status"
}
trap clean_up EXIT
trap 'exit 130' INT TERM

if [[ -t 1 && -z "${NO_COLOR:-}" ]]; then bold=$'\e[1m' dim=$'\e[2m' plain=$'\e[0m'; else bold='' dim='' plain=''; fi

# tell TITLE, then the text from stdin
tell() { printf '\n%s── %s ──%s\n' "$bold" "$1" "$plain"; cat; echo; }
# Long lines (an event carries its data) are cut to what a wide terminal shows.
indented() { LC_ALL=C.UTF-8 sed -E 's/^(.{158}).+$/\1…/; s/^/    /'; }
# shows a cairn command and runs it
show() { printf '%s$ cairn %s%s\n' "$bold" "$*" "$plain"; "$cairn" "$@" | indented; }
# what the outside saw, from the ledger: requests that match, with work done for them
done_outside() { grep -c "\"method\": \"$1\", \"path\": \"$2\".*\"done\": true" "$here/ledger" || true; }
# waits for a condition, at most 20 seconds
await() {
  for ((i = 0; i < 200; i++)); do
    if "$@"; then return 0; fi
    sleep 0.1
  done
  echo "demo: waited in vain for: $*" >&2
  return 1
}
has_port() { [[ -s $here/port ]]; }
contact_is_in_the_crm() {
  kill -0 "$running" 2>/dev/null || { echo "demo: the run ended before it could be killed" >&2; exit 1; }
  (($(done_outside POST /crm/contacts) == 1))
}

# ----------------------------------------------------------------------------------------------------------------------

touch "$here/ledger"
python3 -B examples/service/stand_in.py --port 0 --ledger "$here/ledger" \
  --fault '/enrichment/companies/*=fail=503;times=1' --fault '/crm/contacts=slow=100ms' >"$here/port" &
stand_in=$!
await has_port
sed "s|http://127.0.0.1:8431|http://127.0.0.1:$(<"$here/port")|" examples/lead-intake/input.json >"$here/input.json"

tell "1. A workflow is a YAML file" <<END
$workflow takes a lead from a web form, looks the company up, scores it, puts it into the CRM
and tells sales. A small service on this machine plays the outside world; its first answer to a lookup will be
"503, come back later", which the workflow's retry policy deals with.
END
show validate "$workflow"

tell "2. We run it, and pull the plug" <<END
Every step below is in the log, synced to disk, before the outside can see it. The moment the contact is in the CRM
we kill the process with -9: no warning, no chance to save anything.
END
printf '%s$ cairn run %s --input @input.json --progress%s\n' "$bold" "$workflow" "$plain"
"$cairn" run "$workflow" --input "@$here/input.json" --progress 2> >(indented) >"$here/output" &
running=$!
await contact_is_in_the_crm
sleep 0.4
# (bash would tell us of the killed job; we know.)
{ kill -9 "$running" && wait "$running"; } 2>/dev/null || true
running=0
sleep 0.2
printf '%s    ✗ killed%s\n' "$bold" "$plain"
[[ ! -s $here/output ]]

tell "3. What is left is the history" <<END
Nothing runs now. The log knows every event up to the kill: the 503 and the second attempt, the wait, the request to
the CRM under its key and what came back.
END
show events last
last_event=$("$cairn" events last | awk 'END { gsub(/[^0-9]/, "", $1); print $1 }')

tell "4. It goes on" <<END
Effects whose result is in the log are not produced again; a wait goes on from where it was. The output of the run
goes to stdout, as if nothing had happened.
END
show resume last
printf '\n%sThe CRM was asked to store the contact and did so: %s time. Messages in the sales chat: %s.%s\n' "$dim" \
  "$(done_outside POST /crm/contacts)" "$(done_outside POST /chat/messages)" "$plain"
(($(done_outside POST /crm/contacts) == 1 && $(done_outside POST /chat/messages) == 1))

tell "5. What happened" <<END
The tree of tasks, with durations and attempts:
END
show show last

tell "6. Any moment of the past" <<END
The state of a run is the fold of its events, so we can stand at any of them. This is the moment of the kill:
END
show replay last --at "$last_event"

tell "7. The same decisions again" <<END
The log also has what each decision was made from. cairn decides all of it a second time and compares:
END
show replay last --verify
show log verify

tell "8. The state machine, with the way this run took" <<END
Mermaid: paste it into any Markdown page that draws it.
END
show graph "$workflow" --format mermaid --run last

tell "That was cairn" <<END
More examples: examples/*/README.md. The ten-minute tutorial: docs/tutorial.md.
END
