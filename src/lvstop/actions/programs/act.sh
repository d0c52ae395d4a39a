# Changes on a director, one verb a request: `SEQUENCE VERB [ARGUMENT ...]`. Unknown verbs get an empty answer.
# Runs as root. Words are checked here as well: whatever lvstop may send, only the verbs below can happen.
LC_ALL=C; export LC_ALL
PATH=$PATH:/usr/sbin:/sbin:/usr/local/sbin
umask 022
# the words of a request are split at blanks and are nothing else: no file names
set -f
# where no answer is read
exec 3>&2
nonce=$1
copy='' original='' pid='' main_file='' beating=''
# whatever ends this program
trap 'rm -f ${copy:+"$copy"} ${original:+"$original"}; kill $beating 2>/dev/null' EXIT
trap 'exit 1' HUP INT PIPE TERM
records=/var/lib/lvstop/changes
locks=/run/lvstop
# Set where this login may run nothing as root but the programs of `lvstop setup`: the files that root lets it change.
files=${LVSTOP_FILES-}

# A folder in which nobody but root can exchange or make files.
roots_own() {
  if [ -L "$1" ] || [ ! -d "$1" ]; then echo "$1 is not a folder"; return 7; fi
  case $(stat -c '%u %a' "$1") in
  '0 '*[2367]|'0 '*[2367]?) ;;
  '0 '*) return 0 ;;
  esac
  echo "$1 can be written by others than root"
  return 7
}

# An lvstop whose connection was cut is not missed as long as nothing is sent to it, and its lock would stand for hours. So
# an empty line comes now and then, where no answer is read; the end of whoever has started this is its end.
beat() {
  # without the lock, and without what whoever has started this waits for
  exec 9<&- </dev/null >/dev/null 2>&1
  while sleep 5 3>&- && kill -0 "$$"; do echo >&3 || exit; done
}

# lock WHO...: one lvstop at a time changes a director. The lock is this program's own and ends with it, whatever ends it.
lock() {
  command -v flock >/dev/null || { echo 'there is no flock (util-linux)'; return 127; }
  [ -d "$locks" ] || mkdir -m 700 "$locks" || return 6
  roots_own "$locks" || return
  [ -e "$locks/lock" ] || : >"$locks/lock" || return 6
  exec 9<"$locks/lock"
  flock -n 9 || { head -c 200 "$locks/lock"; exec 9<&-; return 9; }
  printf '%s\n' "$*" >"$locks/lock"
  [ -n "$beating" ] || { beat & beating=$!; }
}

# ipvsadm loads the ip_vs module where it is missing; here as well it is not asked to.
ipvs() {
  [ -e /proc/net/ip_vs ] || { echo 'ip_vs is not loaded'; return 3; }
  ipvsadm "$@"
}

# edit WORDS...: `ipvsadm -e` with these words. Never more than one virtual and one real server: -C, -D and -R are no words.
edit() {
  for word do
    case $word in
    -t|-u|--sctp-service|-f|-6|-r|-g|-i|-m|-w|-x|-y) ;;
    --tun-type|--tun-port|--tun-nocsum|--tun-csum|--tun-remcsum|ipip|gue|gre) ;;
    ''|*[!0-9a-fA-F.:\[\]]*) echo "this is no word of an edit: $word"; return 5 ;;
    esac
  done
  ipvs -e "$@"
}

# A file may be written if nobody but root can put something else into its place.
roots_file() {
  case $1 in /*) ;; *) echo "$1 is not an absolute path"; return 5 ;; esac
  [ ! -L "$1" ] || { echo "$1 is a symbolic link"; return 7; }
  [ ! -e "$1" ] || [ -f "$1" ] || { echo "$1 is not a plain file"; return 7; }
  folder=${1%/*}
  roots_own "${folder:-/}"
}

# A file that may be looked into and changed at all: it need not be keepalived's, as far as this program can tell.
changeable() {
  roots_file "$1" || return
  [ -n "$files" ] || return 0
  grep -qxF -- "$1" "$files" && return
  echo "$1 is not among the files that may be changed here ($files)"
  return 7
}

# number PATH: what is in a track file; nothing where there is none, as keepalived takes it.
number() {
  changeable "$1" || return
  [ ! -e "$1" ] || head -c 64 "$1"
}

# put VALUE PATH: written in place, for keepalived watches the file's closing.
put() {
  value=${1%% *} path=${1#* }
  case ${value#-} in ''|*[!0-9]*) echo "this is no number: $value"; return 5 ;; esac
  changeable "$path" || return
  printf '%s\n' "$value" >"$path"
}

record_file() {
  case $1 in ''|*[!0-9A-Za-z-]*) echo "this names no record: $1"; return 5 ;; esac
  file=$records/$1.json
}

# record ID TEXT: kept as a whole or not at all, for everybody to read.
record() {
  record_file "${1%% *}" || return
  mkdir -p "$records" || return
  roots_own "$records" || return
  printf '%s\n' "${1#* }" >"$file.new" && sync "$file.new" && mv -f "$file.new" "$file" && return
  status=$?
  rm -f "$file.new"
  return "$status"
}

forget() { record_file "$1" && rm -f "$file"; }

# What keepalived has lately said of reloading, and the moment now by the same clock.
reloads() {
  command -v journalctl >/dev/null || return 127
  printf 'now %s\n' "$(date +%s)"
  journalctl --no-pager --quiet --output=short-unix --since=-30s --identifier=Keepalived _UID=0 | grep -i 'reload'
  return 0
}

# keepalived.conf is read as far as is needed here: what is in quotes is one word, # and ! begin comments, braces stand
# alone. What is not understood is refused, never guessed. Variables and conditions of keepalived's own are not.
# shellcheck disable=SC2016 # the dollars are awk's
read_awk='
function read_words() {
  bare = $0
  gsub(/"[^"]*"/, "\"", bare)
  sub(/[#!].*/, "", bare)
  count = split(bare, word)
  if (!depth && count && word[1] != "{") {
    title = word[1]
    for (place = 2; place <= count && word[place] != "{"; place++) title = title " " word[place]
  }
}
function follow_braces(    place) {
  opened = 0
  for (place = 1; place <= count; place++) {
    if (word[place] == "{") { if (!depth++) opened = 1 }
    else if (word[place] == "}") depth--
    else if (word[place] ~ /[{}]/) odd = 1
  }
  if (depth < 0) odd = 1
}'

# The one line `priority NUMBER` of `vrrp_instance $INSTANCE`: BEFORE in it becomes AFTER; without them it is only told.
# shellcheck disable=SC2016
priority_awk='
{ read_words(); mine = title == "vrrp_instance " ENVIRON["INSTANCE"] }
mine && depth && (word[1] ~ /^([@~]|include)/ || bare ~ /\\$/) { odd = 1 }
mine && depth == 1 && word[1] ~ /^\$/ { odd = 1 }
mine && depth == 1 && word[1] == "priority" {
  found++
  number = word[2]
  if (count != 2 || number !~ /^[0-9]+$/) odd = 1
  else if (before != "" && number != before) wrong = 1
  else if (after != "") sub(/priority[ \t]+[0-9]+/, "priority " after)
}
{ follow_braces(); if (after != "") print }
END {
  if (found != 1 || odd || depth || wrong) exit 1
  if (after == "") print number
}'

# place INSTANCE PATH: the priority that stands there.
place() {
  INSTANCE=${1%% *} path=${1#* }
  export INSTANCE
  changeable "$path" || return
  awk "$read_awk$priority_awk" "$path" || { echo "vrrp_instance $INSTANCE has not exactly one plain priority in $path"; return 5; }
}

# priority INSTANCE BEFORE AFTER PATH: one number in one line, then a reload. The file keeps its owner and its mode, and
# is there as a whole at any moment. An invalid configuration never stands while keepalived reloads.
priority() {
  INSTANCE=${1%% *} rest=${1#* }
  before=${rest%% *} rest=${rest#* }
  after=${rest%% *} path=${rest#* }
  export INSTANCE
  case $before,$after in ,*|*,|*[!0-9,]*) echo "these are no priorities: $before $after"; return 5 ;; esac
  if [ "$after" -lt 1 ] || [ "$after" -gt 255 ]; then echo "this is no priority: $after"; return 5; fi
  changeable "$path" || return
  [ -f "$path" ] || { echo "there is no $path"; return 6; }
  main_pid >/dev/null || { echo 'keepalived is not running'; return 3; }
  waits_for_reload || return
  options || return
  original=${path%/*}/.lvstop-before copy=${path%/*}/.lvstop-after
  rm -f "$original" "$copy"
  cp -p "$path" "$original" && cp -p "$path" "$copy" || return 6
  if ! awk -v before="$before" -v after="$after" "$read_awk$priority_awk" "$path" >"$copy"; then
    echo "vrrp_instance $INSTANCE has not exactly one line \`priority $before\` in $path"
    rm -f "$original" "$copy"
    return 5
  fi
  exchange
  status=$?
  rm -f "$original" "$copy"
  [ "$status" -eq 0 ] || return "$status"
  # it may have been restarted meanwhile
  { main_pid >/dev/null && waits_for_reload; } || return
  kill -HUP "$pid"
}

waits_for_reload() {
  heeds "$pid" 1 || { echo 'keepalived has just been started and does not wait for signals yet'; return 3; }
}

# The main file is tested before it is exchanged; one that it includes can only be tested in its place, and goes back there.
exchange() {
  if [ "$path" = "$main_file" ]; then accepted "$copy" || return; fi
  sync "$copy" && mv -f "$copy" "$path" || return 6
  [ "$path" != "$main_file" ] || return 0
  accepted "$main_file" && return
  mv -f "$original" "$path"
  return 10
}

accepted() {
  said=$(test_file "$1") && return
  printf 'keepalived -t does not accept it: %s\n' "$said"
  return 10
}

# try TEXT: what `keepalived -t` says, and its exit status, of the main file with further lines in it: a copy that only
# root can read, in the same folder, as long as it takes. TEXT is lines with \n between them: `+LINE` stands before the
# first block of VRRP; `>HEADING` and `|LINE` follow on the opening of the block with this heading.
# shellcheck disable=SC2016
try_awk='
NR == FNR {
  text = substr($0, 2)
  if (/^\+/) top = top text "\n"
  else if (/^>/) heading[++headings] = text
  else if (/^\|/) body[headings] = body[headings] text "\n"
  next
}
{ read_words() }
!depth && !done && word[1] ~ /^vrrp_(instance|sync_group)$/ { printf "%s", top; done = 1 }
{ follow_braces(); print }
opened { for (place = 1; place <= headings; place++) if (heading[place] == title) { printf "%s", body[place]; seen[place]++ } }
END {
  if (!done) printf "%s", top
  for (place = 1; place <= headings; place++) if (seen[place] != 1) { print heading[place] | "cat 1>&2"; exit 1 }
}'

try() {
  # a configuration can name any file, and keepalived tells what it does not understand of it
  [ -z "$files" ] || { echo 'lines are tried by root only'; return 4; }
  main_pid >/dev/null || { echo 'keepalived is not running'; return 3; }
  options || return
  roots_file "$main_file" || return
  copy=$(mktemp "${main_file%/*}/.lvstop-try-XXXXXX") || return 6
  if missing=$(printf '%b\n' "$1" | awk "$read_awk$try_awk" - "$main_file" 2>&1 >"$copy"); then
    said=$(test_file "$copy")
    printf 'exit %s\n' "$?"
    # the copy is nobody's business: what is said is of the file with these lines in it
    printf '%s\n' "$said" | awk -v copy="$copy" -v name="$main_file" '
      { while (start = index($0, copy)) $0 = substr($0, 1, start - 1) name substr($0, start + length(copy)); print }'
    status=0
  else
    echo "$main_file has no block, or more than one, that begins with: $missing"
    status=6
  fi
  rm -f "$copy"
  return "$status"
}

# service stop|start UNIT: and wait until it has; only where that service is keepalived.
service() {
  action=${1%% *} unit=${1#* }
  case $action in stop|start) ;; *) echo "this is nothing to do with a service: $action"; return 5 ;; esac
  active "$unit" >/dev/null || { active "$unit"; return; }
  systemctl --no-ask-password "$action" -- "$unit"
}

# active UNIT: the state of a service that is keepalived.
active() {
  case $1 in ''|-*|*[!0-9A-Za-z@_.:-]*) echo "this names no service: $1"; return 5 ;; esac
  command -v systemctl >/dev/null || { echo 'there is no systemctl'; return 127; }
  case $(systemctl show --property=ExecStart --value -- "$1") in
  *keepalived*) systemctl show --property=ActiveState --value -- "$1" ;;
  *) echo "$1 does not start keepalived"; return 7 ;;
  esac
}

note() { logger -t lvstop -p daemon.notice -- "$1"; }

# As one function: what a shell has still to read of this text must not be taken for requests, nor the other way round.
serve() {
  begin reader; echo sh; end 0
  printf '\n%s . 0\n' "$nonce"
  while read -r sequence verb argument; do
    # shellcheck disable=SC2086 # words are split on purpose
    case $verb in
    uid) section uid id -u ;;
    lock) section lock lock $argument ;;
    table) section save ipvs -Sn; section thresholds ipvs -Ln --thresholds ;;
    edit) section edit edit $argument ;;
    number) section number number "$argument" ;;
    put) section put put "$argument" ;;
    record) section record record "$argument" ;;
    forget) section forget forget "$argument" ;;
    reloads) section reloads reloads ;;
    note) section note note "$argument" ;;
    date) section date date +%s.%N ;;
    addresses) section addresses ip -j addr ;;
    place) section place place "$argument" ;;
    priority) section priority priority "$argument" ;;
    try) section try try "$argument" ;;
    active) section active active "$argument" ;;
    service) section service service "$argument" ;;
    esac
    printf '\n%s . %s\n' "$nonce" "$sequence"
  done
}
serve
