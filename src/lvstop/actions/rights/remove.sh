#!/bin/sh
# Takes away what lvstop's set-up has given to @USER@ on this director. Run it as root. The login itself, and the line of
# its key, stay: without the programs and the rights they lead nowhere.
set -eu
PATH=/usr/sbin:/usr/bin:/sbin:/bin LC_ALL=C
export PATH LC_ALL
[ "$(id -u)" = 0 ] || { echo 'this has to be run as root' >&2; exit 1; }
rm -f /etc/sudoers.d/@SUDOERS@
for other in /etc/sudoers.d/lvstop-*; do
  [ ! -e "$other" ] || { echo "lvstop: @USER@ has no rights here any more; the programs stay for $other"; exit; }
done
rm -rf @HOME@
echo 'lvstop: @USER@ has no rights here any more, and the programs are gone'
