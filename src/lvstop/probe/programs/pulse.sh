# How many connections the director has counted, many times a second: answers `p` with the rows of
# /proc/net/ip_vs_stats_percpu, one processor each, of which only its index, its connections and its incoming packets are
# told; of those that have counted nothing only the first. No process per request.
LC_ALL=C; export LC_ALL
nonce=$1
PATH=$PATH:/usr/sbin:/sbin

greet() { printf '\n%s [ reader full\n%s\n%s ] 0\n\n%s . 0\n' "$nonce" "$1" "$nonce" "$nonce"; }

# Without an awk that is known the shell itself reads.
pulse() {
  status=1
  printf '\n%s [ percpu full\n' "$nonce"
  while read -r processor connections packets _; do
    case $processor in
    '~') break ;;
    ''|*[!0-9A-F]*) ;;
    *) printf '%s %s %s\n' "$processor" "$connections" "$packets"; status=0 ;;
    esac
  done 2>/dev/null </proc/net/ip_vs_stats_percpu
  printf '\n%s ] %s\n' "$nonce" "$status"
}

# As one function: a shell reads its text ahead, and must have all of it before the greeting lets requests come.
serve() {
  awk_path=$(command -v awk) && awk_path=$(readlink -f "$awk_path")
  reader=${awk_path##*/}
  case $reader in
  mawk*) set -- awk -W interactive ;;
  gawk*|busybox*|original-awk*) set -- awk ;;
  *)
    greet 'sh'
    while read -r sequence verb _; do
      [ "$verb" != p ] || pulse
      printf '\n%s . %s\n' "$nonce" "$sequence"
    done
    exit ;;
  esac
  greet "$reader"
  # shellcheck disable=SC2016 # the dollars are awk's
  exec "$@" -v nonce="$nonce" '
  function pulse(    line, word, out, status) {
    status = 1
    out = "\n" nonce " [ percpu full\n"
    while ((getline line < file) > 0) {
      split(line, word)
      if (word[1] == "~") break
      if (word[1] !~ /^[0-9A-F]+$/ || (!status && word[2] == "0" && word[3] == "0")) continue
      out = out word[1] " " word[2] " " word[3] "\n"
      status = 0
    }
    close(file)
    return out "\n" nonce " ] " status "\n"
  }
  BEGIN { file = "/proc/net/ip_vs_stats_percpu" }
  { printf "%s\n%s . %s\n", ($2 == "p" ? pulse() : ""), nonce, $1; fflush() }
  '
}
serve
