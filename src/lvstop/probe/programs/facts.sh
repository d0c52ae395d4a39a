# Facts about a director, one verb a request: `SEQUENCE VERB [ARGUMENT]`. Unknown verbs get an empty answer.
# What needs privilege fails by itself without it. Nothing here changes the director, but for keepalived's own dump files,
# which the verb `signal` asks keepalived to write.
LC_ALL=C; export LC_ALL
PATH=$PATH:/usr/sbin:/sbin:/usr/local/sbin
nonce=$1

# COMMAND... ended where it takes longer than 15 to 30 seconds, also when nobody waits for its answer any more. The clock
# below counts: `timeout` would be one more process for each command. Only here its signal is heard, for elsewhere it
# would end the wait for the next request; nobody else minds URG.
run() {
  woken=0
  trap 'woken=$((woken + 1))' URG
  "$@" &
  command=$!
  while heard=$woken; wait "$command"; status=$?; [ "$status" -gt 128 ] && [ "$heard" != "$woken" ]; do
    case $woken in 1) ;; 2) echo "$1 took too long and is ended"; kill "$command" ;; *) kill -9 "$command" ;; esac
  done
  trap - URG
  return "$status"
}

# Wakes this program every 15 seconds, as long as there is one.
clock() {
  nap=''
  trap 'kill $nap; exit' TERM
  while :; do
    sleep 15 &
    nap=$!
    wait "$nap"
    kill -URG $$ || exit
  done
}

seconds_up() { read -r up _ </proc/uptime && printf '%s\n' "$up"; }

hertz() {
  config=/boot/config-$(uname -r)
  if [ -r "$config" ]; then grep '^CONFIG_HZ=' "$config"
  elif [ -r /proc/config.gz ]; then zcat /proc/config.gz | grep '^CONFIG_HZ='
  else return 1; fi
}

# Which processes it has: `vrrp`, `checkers`. keepalived starts only those that its configuration needs. A pid file is
# enough: a process that crashed is still one that ought to be there.
children() {
  # these files are the machine's, not the namespace's
  [ -z "${LVSTOP_NETNS-}" ] || return 0
  for name in vrrp checkers; do
    for file in "/run/$name.pid" /run/keepalived/"$name"*.pid "/run/keepalived_$name.pid"; do
      [ -e "$file" ] && printf '%s\n' "$name"
    done
  done
  return 0
}

# Which machine this is: no two that run now share the kernel's boot and a network namespace.
machine() { cat /proc/sys/kernel/random/boot_id && readlink /proc/self/ns/net; }

identity() {
  section kernel uname -r
  section hostname uname -n
  section machine machine
  section keepalived_version run keepalived -v
  section signal_json run keepalived --signum=JSON
  section signal_data run keepalived --signum=DATA
  section hertz hertz
  section ipvsadm command -v ipvsadm
  section journal journal_readable
  section dbus command -v busctl
}

# IPVS threads carry their role in their names: ipvs-m or ipvs-b (net/netfilter/ipvs/ip_vs_sync.c).
sync_threads() {
  for file in /proc/[0-9]*/comm; do
    read -r comm 2>/dev/null <"$file" || continue
    case $comm in ipvs-[mb]:*) printf '%s\n' "$comm" ;; esac
  done
  return 0
}

# Not with the shell's own `read`: a sysctl answers only one read from its beginning, and a shell may read byte by byte.
sysctls() {
  set -- net.ipv4.ip_forward
  if [ -e /proc/sys/net/ipv4/vs ]; then
    for name in conn_reuse_mode expire_nodest_conn expire_quiescent_template sloppy_tcp backup_only conntrack \
      run_estimation; do
      [ -e "/proc/sys/net/ipv4/vs/$name" ] && set -- "$@" "net.ipv4.vs.$name"
    done
  fi
  run sysctl "$@"
}

# ipvsadm loads the ip_vs module where it is missing; a reader must not.
ipvs() {
  [ -e /proc/net/ip_vs ] || { echo 'ip_vs is not loaded'; return 3; }
  run ipvsadm "$@"
}

# Not by the owner of its folder in /proc, which is root for any process that forbids to be traced.
is_roots() {
  while read -r key real effective _; do
    [ "$key" != Uid: ] || { [ "$real $effective" = '0 0' ]; return; }
  done 2>/dev/null <"/proc/$1/status"
  return 1
}

# keepalived honours TMPDIR from 2.2.5 on; before, it always writes to /tmp.
honours_tmpdir() {
  version=$(keepalived -v 2>&1)
  case ${version#*Keepalived v} in [01].*|2.[01].*|2.2.[0-4]|2.2.[0-4][!0-9]*) return 1 ;; esac
}

# Variables are everybody's here: what has to last from one request to the next is called kept_*, and nothing else is.

# Where keepalived writes its dumps, in its own view of the file system (PrivateTmp). Found once per keepalived process.
dump_file() {
  main_pid >/dev/null || { echo 'keepalived is not running'; return 3; }
  if [ "$pid" != "$kept_pid" ]; then
    case $(readlink "/proc/$pid/exe") in */keepalived|*'/keepalived (deleted)') ;; *)
      echo "process $pid is not keepalived, or may not be looked at"; return 4 ;;
    esac
    is_roots "$pid" || { echo "process $pid has keepalived's name, but it is not root's"; return 4; }
    kept_folder=$(tr '\0' '\n' <"/proc/$pid/environ" | sed -n 's/^TMPDIR=\(\/.*\)/\1/p')
    if [ -n "$kept_folder" ] && ! honours_tmpdir; then kept_folder=''; fi
    kept_pid=$pid
  fi
  path=/proc/$pid/root${kept_folder:-/tmp}/$1
}

dump_name() {
  case $1 in
  json) name=keepalived.json ;;
  data) name=keepalived.data ;;
  check) name=keepalived_check.data ;;
  *) echo "no such dump: $1"; return 5 ;;
  esac
}

# Owner, links, mode, inode, size, time and type of a dump, without following a link.
dump_stat() {
  dump_name "$1" && dump_file "$name" || return
  stat -c '%u %h %a %i %s %Y %F' "$path"
}

# A dump is believed only if it is root's own plain file, with one name and writable by nobody else: anybody may put
# something else into /tmp. In a sticky directory nobody can exchange root's file afterwards. Secrets are masked here.
dump_text() {
  dump_name "$1" && dump_file "$name" || return
  what=$(stat -c '%u %h %a %F' "$path") || return 6
  case $what in
  '0 1 '*[2367]' regular '*|'0 1 '*[2367]?' regular '*) echo "$name can be written by others: $what"; return 7 ;;
  '0 1 '*' regular file'|'0 1 '*' regular empty file') ;;
  *) echo "$name is not a plain file of root's alone: $what"; return 7 ;;
  esac
  case $(stat -c '%u %a' "${path%/*}/") in
  "0 "[1357]???|"0 "?[0145][0145]|"0 "[0246]?[0145][0145]) ;;
  *) echo "the folder of $name is not safe: anybody may exchange files in it"; return 9 ;;
  esac
  sed -e 's/\("auth_data" *: *"\)\([^"\\]\|\\.\)*/\1********/g' -e 's/^\( *Password = \).*/\1********/' "$path"
}

# Asks keepalived's main process for a dump; the signal's number is keepalived's own to say. None is ever sent but SIGUSR1,
# by its number on any architecture, and those of real time: others end keepalived, or make it reload.
signal_dump() {
  case $1 in json) kind=JSON ;; data) kind=DATA ;; *) echo "no such signal: $1"; return 5 ;; esac
  if [ "$kind" != "$kept_kind" ]; then
    kept_kind=''
    kept_signal=$(keepalived --signum="$kind" 2>&1) || { printf '%s\n' "$kept_signal"; return 8; }
    kept_kind=$kind
  fi
  case $kept_signal in
  10|16|30|3[2-9]|[45][0-9]|6[0-4]) ;;
  *) echo "not a signal that asks for a dump: $kept_signal"; return 8 ;;
  esac
  dump_file x || return
  heeds "$pid" "$kept_signal" || { echo 'keepalived has just been started and does not wait for signals yet'; return 10; }
  kill -"$kept_signal" "$pid"
}

# Three lines an instance: its object path, its name, its state. Readable by every user where keepalived has D-Bus enabled.
dbus_state() {
  busctl --no-pager --timeout=15 --list tree org.keepalived.Vrrp1 2>/dev/null | while read -r object; do
    case $object in */Instance/*/*/*) ;; *) continue ;; esac
    printf '%s\n' "$object"
    for property in Name State; do
      busctl --no-pager --timeout=15 get-property org.keepalived.Vrrp1 "$object" org.keepalived.Vrrp1.Instance \
        "$property" </dev/null 2>&1
    done
  done
}

# Records of changes, a line each. They are believed only if nobody but root can have written them; what is not believed
# is said in a line of its own. Nothing where there never was a change.
records=/var/lib/lvstop/changes

changes() {
  above=${records%/*}
  if [ -d "$above" ] && [ ! -x "$above" ]; then echo "$above may not be read by this login"; return 6; fi
  [ -e "$records" ] || [ -L "$records" ] || return 0
  for folder in "$above" "$records"; do
    what=$(stat -c '%u %a %F' "$folder") || return 6
    case $what in
    '0 '*[0145][0145]' directory') ;;
    *) echo "$folder is not a folder that only root can write to: $what"; return 7 ;;
    esac
  done
  if [ ! -r "$records" ] || [ ! -x "$records" ]; then echo "$records may not be read by this login"; return 6; fi
  set -- "$records"/*.json
  [ -e "$1" ] || [ -L "$1" ] || return 0
  [ $# -le 200 ] || echo "of $# records only 200 are read"
  count=0 size=0
  for file do
    count=$((count + 1))
    [ "$count" -le 200 ] || break
    record "$file"
  done
  return 0
}

# One record; none where it has gone meanwhile. Together they stay well below what an answer may hold.
record() {
  what=$(stat -c '%s %u %h %a %F' "$1" 2>/dev/null) || return
  size=$((size + ${what%% *})) what=${what#* }
  case $what in
  '0 1 '[0-7][0145][0145]' regular file') ;;
  *) echo "$1 is not a plain file of root's alone: $what"; return ;;
  esac
  if [ "$size" -gt 16777216 ]; then echo "$1 is not read: the records are too long"
  elif [ -r "$1" ]; then head -c 1048576 "$1" 2>/dev/null; echo
  elif [ -e "$1" ]; then echo "$1 may not be read by this login"; fi
}

# In one piece: a shell reads its text ahead, and must have all of it before the greeting lets requests come.
serve() {
  begin reader; echo sh; end 0
  printf '\n%s . 0\n' "$nonce"
  while read -r sequence verb argument; do
    case $verb in
    identity) identity ;;
    daemon) section pid main_pid; section children children ;;
    addresses) section ip_addr run ip -j addr ;;
    threads) section threads sync_threads ;;
    sysctls) section sysctls sysctls ;;
    stats) section uptime seconds_up; section stats ipvs -Ln --stats --exact ;;
    rates) section rates ipvs -Ln --rate --exact ;;
    thresholds) section thresholds ipvs -Ln --thresholds ;;
    persistent) section persistent ipvs -Ln --persistent-conn ;;
    save) section save ipvs -Sn ;;
    daemons) section daemons ipvs -Ln --daemon ;;
    uid) section uid id -u; section journal journal_readable ;;
    stat) section stat dump_stat "$argument" ;;
    signal) section signal signal_dump "$argument" ;;
    dump) section stat dump_stat "$argument"; section dump dump_text "$argument" ;;
    dbus) section dbus dbus_state ;;
    changes) section changes changes ;;
    esac
    printf '\n%s . %s\n' "$nonce" "$sequence"
  done
}

pid='' kept_pid='' kept_folder='' kept_kind='' kept_signal=''
clock </dev/null >/dev/null 2>&1 &
beat=$!
trap 'kill "$beat" 2>/dev/null' EXIT
serve
