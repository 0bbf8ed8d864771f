#!/bin/sh
# Makes deploy/secrets for compose.scale.yml: new random passwords, and the addresses that contain them. Run it once;
# it never overwrites. Passwords are hexadecimal, so that they need no escaping anywhere.
set -eu
folder=${1:-$(dirname "$0")/../secrets}

random() {
    od -An -N24 -tx1 /dev/urandom | tr -d ' \n'
}

if [ -e "$folder/database_url" ]; then
    echo "$folder is filled already; nothing was changed." >&2
    exit 1
fi
# The directory keeps others out. The files are readable, because every container reads them as a user of its own.
mkdir -p "$folder"
chmod 0700 "$folder"
umask 0333

database=$(random)
messages=$(random)
redis=$(random)
random > "$folder/postgres_password"
random > "$folder/mongo_root_password"
random > "$folder/mongo_keyfile"
printf '%s' "$database" > "$folder/database_password"
printf '%s' "$messages" > "$folder/messages_password"
printf 'postgresql://batiyoun:%s@postgres:5432/batiyoun\n' "$database" > "$folder/database_url"
printf 'mongodb://batiyoun:%s@mongo:27017/batiyoun?replicaSet=rs0\n' "$messages" > "$folder/messages_url"
printf 'redis://:%s@redis:6379/0\n' "$redis" > "$folder/redis_url"
# sessions live here: they are written down, and never thrown out for space
cat > "$folder/redis_conf" <<EOT
requirepass $redis
dir /data
appendonly yes
appendfsync everysec
maxmemory-policy noeviction
EOT
echo "Made $folder. Keep a copy in a safe place." >&2
