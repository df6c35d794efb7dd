#!/usr/bin/env bash
# One server, one tunnel with two exposes, one agent, as a user starts them: TLS on, keys on, by the starter that the build leaves. Stays in the foreground; SIGTERM
# stops both. Both are children of this shell, so whoever measures its process tree measures all of Culvert and 4 MB of shell.
#
# usage: culvert.sh BULK_TARGET HTTP_TARGET [SESSIONS]
#   BULK_TARGET, HTTP_TARGET   ports of 127.0.0.1 that public ports 7401 and 7480 lead to
#   SESSIONS                   connections of the agent, 1 when left out
# CULVERT_STARTER names another starter than the one that ./dev build makes. The port range is 7400 to 7499.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
culvert=${CULVERT_STARTER:-$here/../../app/target/culvert}
bulk_port=7401
http_port=7480

if [ $# -lt 2 ] || [ $# -gt 3 ]; then
  echo "usage: culvert.sh BULK_TARGET HTTP_TARGET [SESSIONS]" >&2
  exit 2
fi
[ -x "$culvert" ] || { echo "$culvert: missing (expected: built by ./dev build)" >&2; exit 1; }

# Settings of whoever runs this have no say in what is measured.
for name in ${!CULVERT_@}; do unset "$name"; done
unset EXPOSE_PORT AUTHORIZE_KEYS

work=$(mktemp -d)
server=
agent=
leave() {
  trap - EXIT TERM INT
  # The agent first: it would reconnect for ever.
  for child in $agent $server; do
    kill "$child" 2> /dev/null || true
    wait "$child" 2> /dev/null || true
  done
  rm -rf "$work"
}
trap leave EXIT
trap 'exit 143' TERM
trap 'exit 130' INT

"$culvert" server --http 127.0.0.1:0 --bridge 127.0.0.1:0 --expose-host 127.0.0.1 --ports 7400-7499 --data "$work/data" \
  --print-ready > "$work/ready" &
server=$!
until grep -q '^ready ' "$work/ready"; do
  kill -0 "$server" || exit 1
  sleep 0.05
done
read -r _ http bridge _ < <(grep '^ready ' "$work/ready")

# Key and token go by file and standard input: an argument would show them to everybody on the machine.
printf 'header = "Authorization: Bearer %s"\n' "$(< "$work/data/admin.key")" \
  | curl --config - --silent --show-error --fail-with-body "http://${http#http=}/api/create" \
    --data "exposes=127.0.0.1:$1-$bulk_port,127.0.0.1:$2-$http_port" --data expire=-1 --output "$work/created"
(umask 077 && sed -n 's/.*"join" *: *"\([^"]*\)".*/\1/p' "$work/created" > "$work/token")
rm "$work/created"

"$culvert" agent --server "${bridge#bridge=}" --token-file "$work/token" --sessions "${3:-1}" &
agent=$!
# Whichever ends first ends the run.
wait -n "$server" "$agent"
