#!lua flags=allow-oom
-- Takes leave: hands back whatever the consumer still owns, and when that is nothing, removes all that is known of it.
-- KEYS  jobs, workers, settled
-- ARGV  group, consumer, the consumer that holds released entries, how many to hand back at most
-- Returns  1 when it has left, 0 when there is more to hand back
-- Atomic because a consumer deleted with entries pending would take them with it.
local mine = redis.pcall('XPENDING', KEYS[1], ARGV[1], '-', '+', ARGV[4], ARGV[2])
if mine.err then mine = {} end -- the group itself is gone
for _, entry in ipairs(mine) do
  redis.call('XCLAIM', KEYS[1], ARGV[1], ARGV[3], 0, entry[1], 'RETRYCOUNT', math.max(entry[4] - 1, 0), 'JUSTID')
end
if #mine == tonumber(ARGV[4]) then return 0 end
redis.pcall('XGROUP', 'DELCONSUMER', KEYS[1], ARGV[1], ARGV[2])
redis.call('HDEL', KEYS[2], ARGV[2])
redis.call('HDEL', KEYS[3], ARGV[2])
return 1
