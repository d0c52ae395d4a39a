# Entries of the kernel's connection table, counted where they are: no entry is sent, only sums and the greatest of them.
# A table may have a million entries, and before Linux 6.8 each page of it is found by walking it from its beginning. So it
# is read by pieces, one a request: who asks sets the pace, and who asks no more has ended it. Its verbs:
#   begin SERVER REAL   count anew those of a virtual server (`TCP/AC1A7F14/01BD`, `FWM/00000007/inet`, `*`) and of a real
#                       server (`AC1A7F15/01BD`, `AC1A7F15/*`, `*`), as /proc writes addresses and ports
#   more                read on, for a tenth of a second
#   sum                 what was counted so far
# What is kept has a limit, however many clients there are: of 20,000 clients, and as many networks, each is counted. One
# more takes 1 away from all of them, and those that come to 0 are forgotten. What is told is then too low, by so much at
# the most, and whoever has more than 1/20,000 of all connections is among them (Misra and Gries, 1982).
LC_ALL=C; export LC_ALL
nonce=$1
PATH=$PATH:/usr/sbin:/sbin

section() { printf '\n%s [ %s full\n%s\n%s ] %s\n' "$nonce" "$1" "$2" "$nonce" "$3"; }

# greet READER STATUS FILE: who reads, and what, or why nothing can be read.
greet() {
  section reader "$1" "$2"
  if [ -r "$3" ]; then section table "$3" 0
  elif [ -e "$3" ]; then section table "$3 may not be read by $(id -un)" 4
  else section table 'ip_vs is not loaded' 3
  fi
  printf '\n%s . 0\n' "$nonce"
}

# shellcheck disable=SC2016 # the dollars are awk's
counting='
function seconds(    line) {
  getline line < "/proc/uptime"
  close("/proc/uptime")
  return line + 0
}
function forget() {
  if (opened) close(file)
  opened = over = read = odd = matched = unplaced = pairs = lost = 0
  split("", known); split("", owner); split("", shared); split("", states); split("", entries)
  split("", expiry); split("", longest); split("", active); split("", inactive); split("", bound)
  split("", clients); split("", networks); split("", size); split("", low)
}
function start(    line) {
  forget()
  server = ""; mark = 0
  while ((getline < services) > 0) learn()
  close(services)
  opened = 1
  if ((getline line < file) <= 0) over = 1
  last = line ~ / Origin / ? 10 : 9
}
function tally(table, kind, key,    each) {
  if (key in table) { table[key]++; return }
  if (size[kind] + 0 < most) { table[key] = 1; size[kind]++; return }
  low[kind]++
  for (each in table) if (--table[each] == 0) { delete table[each]; size[kind]-- }
}
# Which kind the entry in $0 is, and everything that is told of it.
function take(whose,    kind, pair, step) {
  kind = $3 == "0000" ? "template" : "connection"
  matched++
  entries[kind " " (last == 10 ? $9 : "-")]++
  step = $last <= 10 ? 1 : $last <= 60 ? 2 : $last <= 300 ? 3 : $last <= 900 ? 4 : 5
  expiry[kind " " step]++
  if ($last + 0 > longest[kind] + 0) longest[kind] = $last + 0
  pair = whose "/" $6 "/" $7
  if (!(pair in active)) {
    if (pairs >= 5000) pair = ""
    else { pairs++; active[pair] = inactive[pair] = bound[pair] = 0 }
  }
  if (pair == "") lost++
  else if (kind == "template") bound[pair]++
  else if ($8 ~ /^(ESTABLISHED|SYN_SENT|SYN_RECV|SYNACK)$/) active[pair]++
  else inactive[pair]++
  if (kind == "template") return
  states[$8]++
  tally(clients, "clients", $2)
  tally(networks, "networks", index($2, ":") ? substr($2, 1, 19) : substr($2, 1, 6))
}
function look(    whose) {
  if (NF < last) { odd++; return }
  if (real != "*" && real != $6 && real != $6 " " $7) return
  whose = placed()
  if (wanted == "*") { take(whose == "?" || !(whose in known) ? "?" : whose); return }
  if (whose == wanted) take(whose)
  else if (whose == "?" && wanted in shared) unplaced++
}
function more(    until) {
  until = seconds() + 0.1
  while (!over) {
    if ((getline < file) <= 0) over = 1
    else if (read >= limit) over = 2
    else {
      read++
      look()
      if (read % 512 == 0 && seconds() >= until) break
    }
  }
  return "read " read " " over "\n"
}
function before(table, one, other) {
  return table[one] != table[other] ? table[one] > table[other] : one "" < other ""
}
# The greatest of them, without an order of all.
function greatest(table, kind,    each, place, told, out, best) {
  told = 0
  for (each in table) {
    if (told < top) place = ++told
    else if (before(table, each, best[told])) place = told
    else continue
    while (place > 1 && before(table, each, best[place - 1])) { best[place] = best[place - 1]; place-- }
    best[place] = each
  }
  out = kind "s " size[kind "s"] + 0 " " low[kind "s"] + 0 "\n"
  for (place = 1; place <= told; place++) out = out kind " " best[place] " " table[best[place]] "\n"
  return out
}
function pairs_of(    each, name, out, told) {
  told = 0
  for (each in active) {
    if (told++ < 500) {
      name = each
      gsub(" ", "/", name)
      out = out "server " name " " active[each] " " inactive[each] " " bound[each] "\n"
    } else lost += active[each] + inactive[each] + bound[each]
  }
  return out
}
function sum(    out, each, kind, step, line) {
  out = "read " read " " over "\nmatched " matched "\nunplaced " unplaced "\nodd " odd "\n"
  for (each in states) out = out "state " each " " states[each] "\n"
  for (each in entries) out = out "entries " each " " entries[each] "\n"
  for (kind = 1; kind <= 2; kind++) {
    line = kind == 1 ? "connection" : "template"
    out = out "expiry " line
    for (step = 1; step <= 5; step++) out = out " " expiry[line " " step] + 0
    out = out " " longest[line] + 0 "\n"
  }
  out = out greatest(clients, "client") greatest(networks, "network") pairs_of()
  return out "left-out " lost "\n"
}
function words(text) { gsub("/", " ", text); return text }
{
  sequence = $1; verb = $2; out = ""
  if (verb == "begin") {
    wanted = words($3); real = $4
    if (real ~ /\/\*$/) sub(/\/\*$/, "", real)
    real = words(real)
    start()
    verb = "more"
  }
  if (!opened) verb = ""
  if (verb == "more") out = "\n" nonce " [ progress full\n" more() "\n" nonce " ] 0\n"
  if (verb == "sum") out = "\n" nonce " [ counted full\n" sum() "\n" nonce " ] 0\n"
  printf "%s\n%s . %s\n", out, nonce, sequence
  fflush()
}'

# As one function: a shell reads its text ahead, and must have all of it before the greeting lets requests come.
serve() {
  file=/proc/net/ip_vs_conn_sync
  [ -e "$file" ] || file=/proc/net/ip_vs_conn
  awk_path=$(command -v awk) && awk_path=$(readlink -f "$awk_path")
  reader=${awk_path##*/}
  case $reader in
  mawk*) set -- awk -W interactive ;;
  gawk*|busybox*|original-awk*) set -- awk ;;
  *) greet "$reader" 1 "$file"; exit 0 ;;
  esac
  # whatever else the director has to do goes first
  ! command -v nice >/dev/null || set -- nice -n 19 "$@"
  greet "$reader" 0 "$file"
  # shellcheck disable=SC2154 # placing.sh says what `placing` is
  exec "$@" -v nonce="$nonce" -v file="$file" -v services=/proc/net/ip_vs -v limit=1000000 -v most=20000 -v top=50 \
    "$placing$counting"
}
serve
