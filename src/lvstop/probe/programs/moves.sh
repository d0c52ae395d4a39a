# What moves addresses, as it happens, one line an event: addresses that the kernel adds and removes, stamped in UTC, and
# keepalived's log (`<epoch seconds> <host> <identifier>[<pid>]: <message>`) since this program was started. The line
# `ready` says that nothing is missed from here on. Without a log that may be read the addresses come alone.
LC_ALL=C; export LC_ALL
PATH=$PATH:/usr/sbin:/sbin
exec 4>&1

# The kernel tells events to sockets that have joined a group (/proc/net/netlink: kind, groups and, at the end, the inode).
listens() {
  for file in "/proc/$1/fd"/*; do
    case $(readlink "$file") in socket:*) ;; *) continue ;; esac
    inode=$(readlink "$file") inode=${inode#socket:?} inode=${inode%?}
    while read -r _ _ _ groups _ _ _ _ _ number _; do
      [ "$number" != "$inode" ] || [ "$groups" = 00000000 ] || return 0
    done </proc/net/netlink
  done
  return 1
}

# Ends with its standard input, and ends what it has started.
watch() {
  trap 'kill $monitor $follower 2>/dev/null' EXIT
  trap 'exit 0' HUP INT PIPE TERM
  follower=''
  TZ=UTC0 ip -o -ts monitor address </dev/null >&4 &
  monitor=$!
  if command -v journalctl >/dev/null; then
    journalctl --no-pager --quiet --output=short-unix --follow --no-tail --since="@$began" \
      --identifier=Keepalived --identifier=Keepalived_vrrp _UID=0 </dev/null &
    follower=$!
  fi
  tries=0
  until listens "$monitor"; do
    tries=$((tries + 1))
    if [ "$tries" -gt 100 ] || ! kill -0 "$monitor" 2>/dev/null; then
      echo 'ip tells no addresses' >&2
      printf '\nfailed\n'
      exit 1
    fi
    sleep 0.02
  done
  echo ready >&4
  while read -r _; do :; done
  exit 0
}

# A log that tells much at a time comes in pieces that end anywhere: passed on by lines, it never tears an address apart.
# As one function that exits: what comes in when it has ended is no command.
follow() {
  began=$(date +%s)
  watch | while IFS= read -r line; do
    case $line in
    '') ;;
    failed) exit 1 ;;
    *) printf '%s\n' "$line" ;;
    esac
  done
  exit
}
follow
