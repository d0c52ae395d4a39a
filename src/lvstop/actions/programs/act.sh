# Changes on a director, one verb a request: `SEQUENCE VERB [ARGUMENT ...]`. Unknown verbs get an empty answer.
# Runs as root. Words are checked here as well: whatever lvstop may send, only the verbs below can happen.
LC_ALL=C; export LC_ALL
PATH=$PATH:/usr/sbin:/sbin:/usr/local/sbin
umask 022
# the words of a request are split at blanks and are nothing else: no file names
set -f
nonce=$1
records=/var/lib/lvstop/changes
locks=/run/lvstop

begin() { printf '\n%s [ %s full\n' "$nonce" "$1"; }
end() { printf '\n%s ] %s\n' "$nonce" "$1"; }
# section NAME COMMAND... what the command says, errors included, and its exit status.
section() { begin "$1"; shift; "$@" 2>&1 </dev/null; end $?; }

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

# lock WHO...: one lvstop at a time changes a director. The lock is this program's own and ends with it, whatever ends it.
lock() {
  command -v flock >/dev/null || { echo 'there is no flock (util-linux)'; return 127; }
  [ -d "$locks" ] || mkdir -m 700 "$locks" || return 6
  roots_own "$locks" || return
  [ -e "$locks/lock" ] || : >"$locks/lock" || return 6
  exec 9<"$locks/lock"
  flock -n 9 || { head -c 200 "$locks/lock"; exec 9<&-; return 9; }
  printf '%s\n' "$*" >"$locks/lock"
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

# A track file may be written if nobody but root can put something else into its place.
track_file() {
  case $1 in /*) ;; *) echo "$1 is not an absolute path"; return 5 ;; esac
  [ ! -L "$1" ] || { echo "$1 is a symbolic link"; return 7; }
  [ ! -e "$1" ] || [ -f "$1" ] || { echo "$1 is not a plain file"; return 7; }
  folder=${1%/*}
  roots_own "${folder:-/}"
}

# number PATH: what is in a track file; nothing where there is none, as keepalived takes it.
number() {
  track_file "$1" || return
  [ ! -e "$1" ] || head -c 64 "$1"
}

# put VALUE PATH: written in place, for keepalived watches the file's closing.
put() {
  value=${1%% *} path=${1#* }
  case ${value#-} in ''|*[!0-9]*) echo "this is no number: $value"; return 5 ;; esac
  track_file "$path" || return
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
    esac
    printf '\n%s . %s\n' "$nonce" "$sequence"
  done
}
serve
