#!/usr/bin/env bash
# The sessions of loop: list, show, resume, delete. A short way to write `loop sessions …`.
set -eu

file=${BASH_SOURCE[0]}
while [ -L "$file" ]; do
    link=$(readlink "$file")
    case $link in
        /*) file=$link ;;
        *) file=$(dirname "$file")/$link ;;
    esac
done
here=$(CDPATH='' cd -P "$(dirname "$file")" && pwd)

usage() {
    cat <<'USAGE'
Usage: loop-sessions.sh [COMMAND]

  list             all sessions, newest first (also without a command)
  show [ID]        one session: where it stands and what it did
  resume [ID]      go on with a session; no ID: the newest unfinished one of this project
  delete ID…       delete sessions, and with them the way to undo them

Further options go to loop as they are: loop-sessions.sh show ID --json
USAGE
}

command=${1:-list}
[ $# -eq 0 ] || shift
case $command in
    list | show | delete) exec "$here/loop.sh" sessions "$command" "$@" ;;
    resume) exec "$here/loop.sh" resume "$@" ;;
    help | -h | --help) usage ;;
    *)
        echo "loop-sessions.sh: there is no command '$command'" >&2
        usage >&2
        exit 2
        ;;
esac
