#!lua flags=allow-oom
-- Makes a consumer known: from here on it owns what it is given, until it is declared dead.
-- KEYS  jobs, workers, settled
-- ARGV  group, consumer
-- Returns  1
-- Atomic because a consumer without a heartbeat is taken for dead, and one without a settlement record for pruned.
local made = redis.pcall('XGROUP', 'CREATE', KEYS[1], ARGV[1], '0', 'MKSTREAM')
if type(made) == 'table' and made.err and not string.find(made.err, 'BUSYGROUP', 1, true) then return made end
redis.call('XGROUP', 'CREATECONSUMER', KEYS[1], ARGV[1], ARGV[2])
redis.call('HSET', KEYS[2], ARGV[2], 1)
redis.call('HSET', KEYS[3], ARGV[2], '0 ')
return 1
