#!lua flags=no-writes
-- What a sweeper looks at: every heartbeat counter, every consumer, who has entries pending, and what others saw of who stands still.
-- KEYS  jobs, workers, watched
-- ARGV  group
-- Returns  { {worker, counter, ...}, {consumer, pending, ...}, {worker, 'counter ms', ...} }
-- Atomic because a consumer that joins between two reads would look like one that was declared dead.
local consumers = {}
for _, info in ipairs(redis.call('XINFO', 'CONSUMERS', KEYS[1], ARGV[1])) do
  local field = {}
  for i = 1, #info, 2 do field[info[i]] = info[i + 1] end
  consumers[#consumers + 1] = field['name']
  consumers[#consumers + 1] = field['pending']
end
return { redis.call('HGETALL', KEYS[2]), consumers, redis.call('HGETALL', KEYS[3]) }
