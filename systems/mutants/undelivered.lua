#!lua flags=no-writes
-- Whether a job waits that no worker was given yet.
-- KEYS  jobs
-- ARGV  group
-- Returns  1, or 0
-- Atomic because the group may move on between the question where it stands and the look at what is behind that.
if redis.call('EXISTS', KEYS[1]) == 0 then return 0 end
local last = '0-0'
for _, info in ipairs(redis.call('XINFO', 'GROUPS', KEYS[1])) do
  local facts = {}
  for at = 1, #info, 2 do facts[info[at]] = info[at + 1] end
  if facts['name'] == ARGV[1] then last = facts['last-delivered-id'] end
end
return #redis.call('XRANGE', KEYS[1], '(' .. last, '+', 'COUNT', 1)
