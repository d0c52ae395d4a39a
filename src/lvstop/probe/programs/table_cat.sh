# Table lane with one `cat` per request: answers `t FULL PID ROUTES [VITALS]` like table.sh, always with every line.
LC_ALL=C; export LC_ALL
nonce=$1

begin() { printf '\n%s [ %s full\n' "$nonce" "$1"; }
end() { printf '\n%s ] %s\n' "$nonce" "$1"; }
# Small files are copied by the shell itself, without a process.
copy() {
  begin "$1"
  if [ -r "$2" ]; then
    count=0
    while IFS= read -r line && [ "$count" -lt "$3" ]; do printf '%s\n' "$line"; count=$((count + 1)); done 2>/dev/null <"$2"
    if [ "$count" -ge "$3" ] && [ "$3" -gt 1 ]; then end 2; else end 0; fi
  else
    end 1
  fi
}

# Lines that match $3. What stands below /proc/sys answers only one read from its beginning, which the shell's own is not.
whole() {
  begin "$1"
  if [ -r "$2" ]; then grep "$3" "$2"; end 0; else end 1; fi
}

printf '\n%s [ reader full\ncat\n%s ] 0\n\n%s . 0\n' "$nonce" "$nonce" "$nonce"
while read -r sequence verb _ pid routes vitals; do
  [ "$verb" = t ] || continue
  copy uptime /proc/uptime 1
  begin ip_vs
  if [ ! -e /proc/net/ip_vs ]; then end 1; elif cat /proc/net/ip_vs; then end 0; else end 4; fi
  copy ip_vs_stats /proc/net/ip_vs_stats 20
  [ "$routes" = 0 ] || copy fib_trie /proc/net/fib_trie 2000
  copy if_inet6 /proc/net/if_inet6 2000
  copy loadavg /proc/loadavg 1
  copy net_dev /proc/net/dev 2000
  case $pid in
  0|*[!0-9]*|'') ;;
  *) copy keepalived "/proc/$pid/comm" 1 ;;
  esac
  if [ "$vitals" = 1 ]; then
    whole cpu /proc/stat '^cpu'
    whole memory /proc/meminfo '^\(Mem\|Swap\)'
    whole softnet /proc/net/softnet_stat .
    whole conntrack_count /proc/sys/net/netfilter/nf_conntrack_count .
    whole conntrack_max /proc/sys/net/netfilter/nf_conntrack_max .
  fi
  printf '\n%s . %s\n' "$nonce" "$sequence"
done
