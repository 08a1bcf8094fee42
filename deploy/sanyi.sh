#!/bin/sh
# Runs a command of an installation under systemd, as its account and with its settings: sanyi doctor, sanyi backup /mnt/backup.
# PROGRAM=/opt/sanyi/VERSION sanyi migrate takes another version than the current one.
exec runuser -u sanyi -- sh -c '
  set -a
  HOME=/var/lib/sanyi DATA_DIR=/var/lib/sanyi
  . /etc/sanyi/env
  exec /bin/sh "${PROGRAM:-/opt/sanyi/current}/bin/sanyi" "$@"' sanyi "$@"
