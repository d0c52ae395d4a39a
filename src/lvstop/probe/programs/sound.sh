# What only a failover needs to know of a director, one verb a request: `SEQUENCE VERB`. Unknown verbs get an empty answer.
# Nothing here changes the director. What needs privilege fails by itself without it.
LC_ALL=C; export LC_ALL
PATH=$PATH:/usr/sbin:/sbin:/usr/local/sbin
nonce=$1 main_file=''

config_test() {
  options || return
  said=$(test_file "$main_file")
  printf 'exit %s\n%s\n' "$?" "$said"
}

# Of a configuration file only what is needed to find priorities: its braces, the names of its VRRP instances, their
# priorities, what it includes; `x` stands for other words, `$` for a variable that is a line, `?` for what is not
# understood. Passwords stay where they are. What is in quotes is one word, # and ! begin comments, braces stand alone.
# Variables and conditions are taken for harmless where they have nothing of all this in them.
# shellcheck disable=SC2016 # the dollars are awk's
skeleton='
{
  bare = $0
  if (bare ~ /^[ \t]*include/) gsub(/"/, "", bare)
  gsub(/"[^"]*"/, "\"", bare)
  sub(/[#!].*/, "", bare)
  count = split(bare, word)
  told = ""
  if (word[1] == "vrrp_instance") { told = (word[2] == "" || word[2] ~ /["{$]/ ? "?" : "vrrp_instance " word[2]); begin = 3 }
  else if (word[1] == "priority") { told = "priority " (count == 2 && word[2] ~ /^[0-9]+$/ ? word[2] : "?"); begin = 3 }
  else if (word[1] ~ /^include[a-z]?$/) { told = "include " (count == 2 ? word[2] : "?"); begin = 3 }
  else begin = 1
  other = braces = odd = ""
  for (place = begin; place <= count; place++) {
    if (word[place] == "{" || word[place] == "}") braces = braces " " word[place]
    else if (word[place] ~ /[{}]/) odd = 1
    else other = 1
  }
  if (word[1] ~ /^\$/ && bare !~ /=/) told = "$"
  if (word[1] ~ /^[@$]/ && bare ~ /[{}]|vrrp_instance|priority|include/) odd = 1
  if (word[1] ~ /^~/ || bare ~ /\\$/) odd = 1
  if (odd) print NR " ?"
  else if (told != "") print NR " " told braces
  else if (braces != "") print NR (other ? " x" : "") braces
}'

# walk FILE DEPTH: a file and what it includes, as keepalived reads it.
walk() {
  printf 'file %s\n' "$1"
  if [ ! -r "$1" ] || [ "$2" -gt 8 ]; then echo '0 ?'; return; fi
  awk "$skeleton" "$1" | while read -r number word pattern; do
    case $word in
    include) included "$1" "$2" "$number" "$pattern" ;;
    *) printf '%s\n' "$number $word $pattern" ;;
    esac
  done
  echo end
}

# included FILE DEPTH NUMBER PATTERN: relative to the file that says so, and of a pattern all that fit (open_conf_file and
# open_glob_file in parser.c of keepalived).
included() {
  case $4 in
  '?'|*[\{\}\$\~\\]*) echo "$3 ?"; return ;;
  /*) pattern=$4 ;;
  *) pattern=${1%/*}/$4 ;;
  esac
  depth=$(($2 + 1))
  IFS=''
  for file in $pattern; do
    unset IFS
    [ ! -f "$file" ] || walk "$file" "$depth"
  done
  unset IFS
}

priorities() {
  options || return
  { included / 0 0 "$main_file"; echo whole; } | head -n 5000
}

# Settings of ARP as `/proc/sys/.../INTERFACE/NAME:VALUE`.
arp() { grep -H '' /proc/sys/net/ipv4/conf/*/arp_ignore /proc/sys/net/ipv4/conf/*/arp_announce /proc/sys/net/ipv4/conf/*/arp_filter; }

# Entries of the connection table by virtual server: `PROTOCOL ADDRESS PORT LOCAL SYNCED TEMPLATES`, as /proc writes them,
# or `FWM MARK FAMILY ...`. Marks that share a real server are left out.
# shellcheck disable=SC2016
counting='
FNR == 1 { part++; next }
part == 1 { learn(); next }
FNR > limit { over = 1; exit }
{
  found = placed()
  if (found == "?") { unplaced = 1; next }
  if (!(found in known)) next
  if ($3 == "0000") templates[found]++
  else if ($8 ~ /^(ESTABLISHED|SYN_SENT|SYN_RECV|SYNACK)$/) { if ($9 == "SYNC") synced[found]++; else local[found]++ }
}
END {
  if (over) { print "there are more than " limit " entries"; exit 2 }
  for (server in known) if (!unplaced || !(server in shared))
    print server, local[server] + 0, synced[server] + 0, templates[server] + 0
}'

connections() {
  [ -r /proc/net/ip_vs_conn_sync ] || { echo 'ip_vs is not loaded'; return 3; }
  # shellcheck disable=SC2154 # placing.sh says what `placing` is
  run awk -v limit=1000000 "$placing$counting" /proc/net/ip_vs /proc/net/ip_vs_conn_sync
}

# keepalived's states and reloads of the last ten minutes, and the moment now by the same clock.
log() {
  journal_readable || { echo 'its log may not be read, or there is none'; return 6; }
  printf 'now %s\n' "$(date +%s)"
  run journalctl --no-pager --quiet --output=short-unix --since=-10min --identifier=Keepalived \
    --identifier=Keepalived_vrrp _UID=0 | grep -E 'Entering [A-Z]+ STATE|[Rr]eload' | tail -n 1000
}

# keepalived's unit, as the service manager knows it: the one that its process is in, or else the one of its name.
service() {
  command -v systemctl >/dev/null || return 127
  pid='' unit=keepalived.service
  main_pid >/dev/null && unit=$(sed -n 's|.*/\([^/]*\.service\)$|\1|p' "/proc/$pid/cgroup" | head -n 1)
  printf 'pid=%s\n' "$pid"
  [ -z "$unit" ] || run systemctl show --property=Id,LoadState,ActiveState,UnitFileState,MainPID -- "$unit"
}

# In one piece: a shell reads its text ahead, and must have all of it before the greeting lets requests come.
serve() {
  begin reader; echo sh; end 0
  printf '\n%s . 0\n' "$nonce"
  while read -r sequence verb _; do
    case $verb in
    time) section time date +%s.%N ;;
    configtest) section configtest config_test ;;
    priorities) section priorities priorities ;;
    arp) section arp arp ;;
    connections) section connections connections ;;
    log) section log log ;;
    service) section service service ;;
    esac
    printf '\n%s . %s\n' "$nonce" "$sequence"
  done
}
serve
