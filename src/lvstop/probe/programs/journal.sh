# keepalived's journal from now on, one line an entry: `<epoch seconds> <host> <identifier>[<pid>]: <message>`.
# The follower ends with this program, and this program with its standard input.
LC_ALL=C; export LC_ALL
command -v journalctl >/dev/null || exit 127
journalctl --no-pager --quiet --output=short-unix --follow --lines=0 \
  --identifier=Keepalived --identifier=Keepalived_vrrp --identifier=Keepalived_healthcheckers _UID=0 </dev/null &
follower=$!
trap 'kill "$follower" 2>/dev/null' EXIT
trap 'exit 0' HUP INT PIPE TERM
while read -r _; do :; done
