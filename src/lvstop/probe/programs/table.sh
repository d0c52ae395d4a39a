# Table lane with a persistent awk: answers `t FULL PID ROUTES [VITALS]` from files of /proc that everybody may read.
#   FULL    1: every line; 0: only the lines that differ from the last answer
#   PID     keepalived's process, or 0 where it is not known
#   ROUTES  1: IPv4 addresses from the routing trie as well, 0: not, because it is too long to be read every second
#   VITALS  1: processors, memory, softnet and connection tracking as well
# Without a suitable awk the greeting has status 1 and the program ends.
LC_ALL=C; export LC_ALL
nonce=$1
PATH=$PATH:/usr/sbin:/sbin

awk_path=$(command -v awk) && awk_path=$(readlink -f "$awk_path")
reader=${awk_path##*/}
case $reader in
mawk*) set -- awk -W interactive ;;
gawk*|busybox*|original-awk*) set -- awk ;;
*) set -- ;;
esac
if [ $# -eq 0 ]; then
  printf '\n%s [ reader full\n%s\n%s ] 1\n\n%s . 0\n' "$nonce" "$reader" "$nonce" "$nonce"
  exit 0
fi
printf '\n%s [ reader full\n%s\n%s ] 0\n\n%s . 0\n' "$nonce" "$reader" "$nonce" "$nonce"

# shellcheck disable=SC2016 # the dollars are awk's
exec "$@" -v nonce="$nonce" '
function put(text) {
  out = out text
  if (length(out) > 16384) { printf "%s", out; out = "" }
}
# A line that differs from what was SEEN of it. Where only its last 21 columns do (ActiveConn and InActConn), only they are
# sent, without the blanks at their end.
function changed(n, line, seen,    head, tail) {
  head = length(line) - 21
  if (!full && head > 0 && (n in seen) && length(seen[n]) == head + 21 && substr(seen[n], 1, head) == substr(line, 1, head)) {
    tail = substr(line, head + 1)
    sub(/ +$/, "", tail)
    put(n "+" tail "\n")
  } else put(n " " line "\n")
  seen[n] = line
}
# Sends FILE as section NAME; SEEN keeps its lines between answers. More than LIMIT lines: status 2, and no more than that.
function section(name, file, seen, limit,    line, n, got, i) {
  put("\n" nonce " [ " name " delta\n")
  n = 0
  while ((got = (getline line < file)) > 0) {
    if (n >= limit) break
    if (full || !(n in seen) || seen[n] != line) changed(n, line, seen)
    n++
  }
  close(file)
  for (i = n; i in seen; i++) delete seen[i]
  put("= " n "\n" nonce " ] " (got < 0 ? 1 : got > 0 ? 2 : 0) "\n")
}
# Sends the lines of FILE that match KEEP as section NAME: as a rule all of them are others each time.
function whole(name, file, keep,    line, got) {
  put("\n" nonce " [ " name " full\n")
  while ((got = (getline line < file)) > 0) if (line ~ keep) put(line "\n")
  close(file)
  put("\n" nonce " ] " (got < 0 ? 1 : 0) "\n")
}
$2 == "t" {
  full = $3 + 0
  out = ""
  section("uptime", "/proc/uptime", uptime, 1)
  section("ip_vs", "/proc/net/ip_vs", ip_vs, 2000000)
  section("ip_vs_stats", "/proc/net/ip_vs_stats", ip_vs_stats, 20)
  if ($5 + 0) section("fib_trie", "/proc/net/fib_trie", fib_trie, 20000)
  section("if_inet6", "/proc/net/if_inet6", if_inet6, 10000)
  section("loadavg", "/proc/loadavg", loadavg, 1)
  section("net_dev", "/proc/net/dev", net_dev, 2000)
  if ($4 + 0 > 0) {
    if ($4 != pid) { pid = $4; split("", comm) }
    section("keepalived", "/proc/" pid "/comm", comm, 1)
  }
  if ($6 + 0) {
    whole("cpu", "/proc/stat", "^cpu")
    whole("memory", "/proc/meminfo", "^(Mem|Swap)(Total|Free|Available):")
    whole("softnet", "/proc/net/softnet_stat", ".")
    whole("conntrack_count", "/proc/sys/net/netfilter/nf_conntrack_count", ".")
    whole("conntrack_max", "/proc/sys/net/netfilter/nf_conntrack_max", ".")
  }
  put("\n" nonce " . " $1 "\n")
  printf "%s", out
  fflush()
}
'
