# Whose an entry of the connection table is: functions of awk, for programs that count them there.
# An entry tells the address that was connected to: where no virtual server has that with its port, nor with port 0, it
# belongs to the firewall mark that has its real server. Of marks that share one nobody can tell.
#   learn()   takes a line of /proc/net/ip_vs, in $0
#   placed()  the virtual server of the entry in $0: `PROTOCOL ADDRESS PORT` as /proc writes them or `FWM MARK FAMILY`; `?`
#             where nobody can tell, and what is not `in known` where there is none
# shellcheck disable=SC2016,SC2034 # the dollars are awk's; programs use it
placing='
function bare(endpoint,    port) {
  port = endpoint
  sub(/.*:/, "", port)
  sub(/:[^:]*$/, "", endpoint)
  gsub(/[][]/, "", endpoint)
  return endpoint " " port
}
function claim(real_server) {
  if (!(real_server in owner) || owner[real_server] == server) { owner[real_server] = server; return }
  shared[server] = shared[owner[real_server]] = 1
  owner[real_server] = "?"
}
function learn(    family) {
  if ($1 == "TCP" || $1 == "UDP" || $1 == "SCTP") { server = $1 " " bare($2); known[server]; mark = 0 }
  else if ($1 == "FWM") { mark = 1; server = "FWM " $2 " ?"; known[server] }
  else if (mark && $1 == "->" && $2 !~ /^Remote/) {
    family = index($2, "[") ? "inet6" : "inet"
    if (server ~ /[?]$/) { delete known[server]; sub(/[?]$/, family, server); known[server] }
    claim(bare($2))
  }
}
function placed(    key) {
  if ($1 == "IP") {
    key = index($4, ":") ? toupper(substr($4, 1, 4) substr($4, 6, 4)) : $4
    return "FWM " key " " (index($4, ":") ? "inet6" : "inet")
  }
  if ((key = $1 " " $4 " " $5) in known) return key
  if ((key = $1 " " $4 " 0000") in known) return key
  if ((key = $6 " " $7) in owner) return owner[key]
  if ((key = $6 " 0000") in owner) return owner[key]
  return ""
}'
