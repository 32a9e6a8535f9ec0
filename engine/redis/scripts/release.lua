#!lua flags=allow-oom
-- Hands entries back that were not started, to a consumer that every worker takes from at once; their delivery is not counted.
-- KEYS  jobs
-- ARGV  group, consumer, the consumer that holds released entries, id...
-- Returns  how many were handed back
-- Atomic because the owner must not change between the check and the deed.
local back = 0
for i = 4, #ARGV do
  local entry = redis.call('XPENDING', KEYS[1], ARGV[1], ARGV[i], ARGV[i], 1, ARGV[2])[1]
  if entry then
    redis.call('XCLAIM', KEYS[1], ARGV[1], ARGV[3], 0, ARGV[i], 'RETRYCOUNT', math.max(entry[4] - 1, 0), 'JUSTID')
    back = back + 1
  end
end
return back
