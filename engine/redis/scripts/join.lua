#!lua flags=allow-oom
-- Makes a consumer known: from here on it owns what it is given, until it is declared dead.
-- KEYS  jobs, workers, settled, delayed, dead, suspects
-- ARGV  group, consumer
-- Returns  1; an error where the broker lacks or forbids a command that a settlement needs: broken off in the middle of one, a job
--          would be lost, so nobody who could not end one takes a job
-- Atomic because a consumer without a heartbeat is taken for dead, and one without a settlement record for pruned.
local jobs, settled, delayed, dead, suspects = KEYS[1], KEYS[3], KEYS[4], KEYS[5], KEYS[6]
-- Others that are like Redis may not tell.
local needed = redis.acl_check_cmd and {
  { 'XACK', jobs, ARGV[1], '0-1' },
  { 'XDEL', jobs, '0-1' },
  { 'XADD', jobs, '*', 'm', '' },
  { 'HDEL', suspects, ARGV[2] },
  { 'HSET', settled, ARGV[2], '' },
  { 'ZADD', delayed, '0', '' },
  { 'ZREM', delayed, '' },
  { 'XADD', dead, '*', 'job', '' },
} or {}
for _, command in ipairs(needed) do
  local known, allowed = pcall(redis.acl_check_cmd, unpack(command))
  if not known or not allowed then return redis.error_reply('UNWRITTEN ' .. command[1] .. ' is missing: no job is taken') end
end
local made = redis.pcall('XGROUP', 'CREATE', jobs, ARGV[1], '0', 'MKSTREAM')
if type(made) == 'table' and made.err and not string.find(made.err, 'BUSYGROUP', 1, true) then return made end
redis.call('XGROUP', 'CREATECONSUMER', jobs, ARGV[1], ARGV[2])
redis.call('HSET', KEYS[2], ARGV[2], 1)
redis.call('HSET', settled, ARGV[2], '0 ')
return 1
