#!lua flags=no-writes
-- What was set aside until its group is idle.
-- KEYS  jobs
-- ARGV  consumer group, who holds what is set aside
-- Returns  payload...
-- Atomic because what is admitted meanwhile would be told in two places.
local payloads = {}
local kept = redis.pcall('XPENDING', KEYS[1], ARGV[1], '-', '+', 1000000, ARGV[2])
if kept.err then return payloads end -- nobody has worked yet
for _, entry in ipairs(kept) do
  local found = redis.call('XRANGE', KEYS[1], entry[1], entry[1])[1]
  if found then payloads[#payloads + 1] = found[2][4] end
end
return payloads
