#!/bin/sh
# @TITLE@
#
# Read it before you run it, as root, on each director. Whatever is there of lvstop already is replaced. It writes
#   @HOME@/                 programs of lvstop, root's own; `director` is what starts them
#   /etc/sudoers.d/@SUDOERS@   which of them @USER@ may start as root
# and the line of the key in authorized_keys, where one was given. `lvstop setup @ROLE@ --remove` takes it all away.
set -eu
umask 022
PATH=/usr/sbin:/usr/bin:/sbin:/bin LC_ALL=C
export PATH LC_ALL
[ "$(id -u)" = 0 ] || { echo 'this has to be run as root' >&2; exit 1; }
for tool in sudo visudo su useradd; do
  command -v "$tool" >/dev/null || { echo "there is no $tool here" >&2; exit 1; }
done
home=@HOME@

# own PATH: a folder that nobody but root can write to
own() {
  [ ! -L "$1" ] || { echo "$1 is a symbolic link" >&2; exit 1; }
  [ -d "$1" ] || mkdir "$1"
  case $(stat -c '%u %a' "$1") in
  '0 '*[2367]|'0 '*[2367]?|[!0]*) echo "$1 can be written by others than root" >&2; exit 1 ;;
  esac
}

# put MODE PATH: standard input becomes this file, as a whole or not at all
put() {
  cat >"$2.new"
  chown 0:0 "$2.new"
  chmod "$1" "$2.new"
  mv -f "$2.new" "$2"
}

own "${home%/*}"
own "$home"
@FILES@
put 440 "$home/sudoers" <<'@END@'
@GRANTED@
@END@
visudo -cqf "$home/sudoers" || { echo 'visudo does not accept these rights' >&2; exit 1; }
if ! id -u @USER@ >/dev/null 2>&1; then
  # no password opens this login, but it is not locked: sshd lets nobody in to one that is
  useradd --create-home --shell /bin/sh --password '*' @USER@
  echo 'made the login @USER@'
fi
@KEY@
# last: from now on the rights are there. sudo reads no name with a dot in it, so that it never reads half of them
put 440 /etc/sudoers.d/@SUDOERS@ <"$home/sudoers"
rm -f "$home/sudoers"
echo 'lvstop: @USER@ is @ROLE@ here now'
