#!/bin/sh
# Starts a run in the background and answers what it asks: answers.sh "Build a todo app"
id=$(loop start "$1" --detach) || exit
while ask=$(loop answer --wait -s "$id" 2>/dev/null); do
    name=$(printf '%s' "$ask" | cut -f 2)
    printf 'asked: %s\n' "$name"
    case $name in
    approve-*) loop answer -s "$id" "$name" --approve ;;
    allow-*) loop answer -s "$id" "$name" --reject "do it without" ;;
    storage) loop answer -s "$id" "$name" --option A ;;
    blocked-*) loop answer -s "$id" "$name" skip ;;
    *) loop answer -s "$id" "$name" "the simplest thing that works" ;;
    esac || exit
done
loop sessions show "$id"
