# What other programs begin with: the sections of an answer, which process keepalived is, and with which configuration it
# was started. Nothing but functions.
# shellcheck disable=SC2154 # the program says what `nonce` is

begin() { printf '\n%s [ %s full\n' "$nonce" "$1"; }
end() { printf '\n%s ] %s\n' "$nonce" "$1"; }
# section NAME COMMAND... what the command says, errors included, and its exit status.
section() { begin "$1"; shift; "$@" 2>&1 </dev/null; end $?; }

# run COMMAND...: ended where it hangs.
run() { if command -v timeout >/dev/null; then timeout 20 "$@"; else "$@"; fi; }

journal_readable() {
  command -v journalctl >/dev/null || return 1
  [ "$(id -u)" = 0 ] && return 0
  for group in $(id -Gn); do
    case $group in systemd-journal|adm|wheel) return 0 ;; esac
  done
  return 1
}

# The main keepalived process: its pid files know it, else the service manager does; verified by its name.
is_keepalived() {
  case $1 in ''|0|*[!0-9]*) return 1 ;; esac
  read -r comm 2>/dev/null <"/proc/$1/comm" && [ "$comm" = keepalived ]
}

# lives_alone PID: its parent is not keepalived, so it is nobody's child.
lives_alone() {
  while read -r key value; do
    [ "$key" != PPid: ] || { ! is_keepalived "$value"; return; }
  done 2>/dev/null <"/proc/$1/status"
  return 1
}

# In a network namespace that lvstop has entered it is the one that is there too, whatever pid files say: they are those of
# the machine, or of a view of its own that keepalived has of the file system.
main_pid() {
  if [ -n "${LVSTOP_NETNS-}" ]; then
    for pid in $(ip netns pids "$LVSTOP_NETNS"); do
      is_keepalived "$pid" && lives_alone "$pid" && printf '%s\n' "$pid" && return
    done
    pid=''
    return 1
  fi
  for file in /run/keepalived.pid /run/keepalived/keepalived.pid; do
    [ -r "$file" ] && read -r pid <"$file" && is_keepalived "$pid" && printf '%s\n' "$pid" && return
  done
  pid=$(systemctl show --property=MainPID --value keepalived.service 2>/dev/null)
  is_keepalived "$pid" && printf '%s\n' "$pid"
}

# heeds PID SIGNAL: a process has asked for this signal, by a handler (SigCgt) or a signalfd (SigBlk), proc(5). keepalived has
# not yet in the first moment of its life, in which any signal would end it (main.c, before signals_ignore).
heeds() {
  while read -r key mask; do
    case $key in SigBlk:|SigCgt:) ;; *) continue ;; esac
    place=$((($2 - 1) / 4))
    while [ "$place" -gt 0 ]; do mask=${mask%?} place=$((place - 1)); done
    [ $((0x${mask#"${mask%?}"} >> ($2 - 1) % 4 & 1)) -eq 0 ] || return 0
  done 2>/dev/null <"/proc/$1/status"
  return 1
}

# Sets `main_file`, `config_id` and `kinds` as the running process was told; without one, as they are by default. Its
# words are taken as getopt does (main.c of keepalived): several letters in one word, a value in the same or in the next.
options() {
  main_file=/etc/keepalived/keepalived.conf config_id='' kinds='' letter=''
  main_pid >/dev/null || return 0
  if [ "$(readlink "/proc/$pid/root")" != / ]; then
    echo "keepalived (process $pid) has a file system of its own, or may not be looked at"
    return 4
  fi
  words=$(tr '\0' '\n' <"/proc/$pid/cmdline") || return 4
  while IFS= read -r word; do option "$word"; done <<END
$words
END
  case $main_file in /*) ;; *) echo "keepalived's configuration has a relative path: $main_file"; return 4 ;; esac
}

# option WORD: one word of the command line; `letter` is the option that still lacks its value.
option() {
  if [ -n "$letter" ]; then value "$1"; return; fi
  case $1 in
  --use-file|--config-id|--log-facility|--umask|--pid|--vrrp_pid|--checkers_pid|--bfd_pid|--snmp-agent-socket|\
  --namespace|--signum|--config-fd)
    case $1 in --use-file) letter=f ;; --config-id) letter=i ;; *) letter=x ;; esac ;;
  --use-file=*) main_file=${1#*=} ;;
  --config-id=*) config_id=${1#*=} ;;
  --vrrp) kinds=${kinds}P ;;
  --check) kinds=${kinds}C ;;
  --no_bfd) kinds=${kinds}B ;;
  --*) ;;
  -?*) letters "${1#-}" ;;
  esac
}

letters() {
  rest=$1
  while [ -n "$rest" ]; do
    letter=${rest%"${rest#?}"} rest=${rest#?}
    case $letter in
    [fiuSpsrcbA]) [ -z "$rest" ] || value "$rest"; return ;;
    [gtM]) break ;;
    [PCB]) kinds=$kinds$letter ;;
    esac
  done
  letter=''
}

value() {
  case $letter in f) main_file=$1 ;; i) config_id=$1 ;; esac
  letter=''
}

# test_file FILE: what `keepalived -t` says of FILE in the place of the main one, without secrets; its exit status.
test_file() {
  set -- -t -f "$1"
  [ -z "$config_id" ] || set -- "$@" -i "$config_id"
  [ -z "$kinds" ] || set -- "$@" "-$kinds"
  said=$(run keepalived "$@" 2>&1)
  status=$?
  printf '%s\n' "$said" | sed -e 's/\(auth_pass[^[:alnum:]]*\).*/\1********/' | head -c 16384
  return "$status"
}
