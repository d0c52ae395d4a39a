#!/bin/sh
# lvstop on a director: the programs beside this file, and nothing else. It takes one word and no other argument, so that
# sudoers can name each call to the letter. Everything that this file can do is between here and its end.
#
#   director about              which programs there are, each with the SHA-256 of its text
#   director PROGRAM            runs PROGRAM; its nonce is the first line of standard input, requests are the others
#   director gate ROLE          for authorized_keys: does what the client of this key asks for, if ROLE (noc, operator) may
PATH=/usr/sbin:/usr/bin:/sbin:/bin LC_ALL=C IFS=' 	
'
export PATH LC_ALL
unset ENV BASH_ENV CDPATH
set -fu
home=@HOME@
self=$home/director

# about PROGRAMS: those of them that are here.
about() {
  while read -r name digest; do
    case " $1 " in *" $name "*) printf '%s %s\n' "$name" "$digest" ;; esac
  done <<'END'
@ABOUT@
END
}

# What is refused is logged, cut short, and without anything that could be taken for another line.
refuse() {
  said=$(printf %s "${2-}" | tr -c ' -~' '?' | cut -c 1-200)
  logger -t lvstop -p auth.warning -- "refused to $(id -un) ($1): $said" 2>/dev/null
  echo "lvstop on this director: $1" >&2
  exit 126
}

run() {
  read -r nonce || exit 1
  case $nonce in
  lvstop-*[!0-9a-f]*) refuse 'this is no nonce' "$nonce" ;;
  lvstop-????????????????????????) ;;
  *) refuse 'this is no nonce' "$nonce" ;;
  esac
  # act keeps to the files that root has listed there
  LVSTOP_FILES=$home/files
  export LVSTOP_FILES
  exec sh "$home/$1.sh" "$nonce"
}

# Whole commands are compared, never taken apart: what is not exactly one of these does not happen.
gate() {
  asked=${SSH_ORIGINAL_COMMAND-}
  for program in $2; do
    case $asked in
    "exec $self $program") run "$program" ;;
    "exec sudo -n -- $self $program") exec sudo -n -- "$self" "$program" ;;
    esac
  done
  [ "$asked" != "exec $self about" ] || { echo "gate $1"; about "$2"; exit; }
  refuse "this key is for lvstop as $1" "$asked"
}

reading='@READING@'
changing='@CHANGING@'

[ $# -eq 1 ] || [ "$#,${1-}" = 2,gate ] || refuse 'it takes one word' "$*"
case $1 in
about) about "$reading $changing" ;;
gate)
  case ${2-} in
  noc) gate noc "$reading" ;;
  operator) gate operator "$reading $changing" ;;
  *) refuse 'there is no such role' "${2-}" ;;
  esac
  ;;
*)
  for program in $reading $changing; do
    [ "$1" != "$program" ] || run "$program"
  done
  refuse 'there is no such program' "$1"
  ;;
esac
