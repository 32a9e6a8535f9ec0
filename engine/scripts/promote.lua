#!lua flags=allow-oom
-- Moves jobs whose time has come from the delayed set to the stream. Any worker may, any number of times.
-- KEYS  delayed, jobs, clock
-- ARGV  how many at most
-- Returns  how many were moved
-- Atomic because a job must stand in one place: neither in both nor, if the mover dies, in none. The broker's clock alone
-- decides what is due. What frees memory (ZREM) comes first, so that a full broker drains.
-- USES  timeline
if redis.call('EXISTS', KEYS[1]) == 0 then return 0 end
local now = timeline(KEYS[3])
local due = redis.call('ZRANGEBYSCORE', KEYS[1], '-inf', string.format('%.0f', now), 'LIMIT', 0, ARGV[1])
for _, member in ipairs(due) do
  local cut = string.find(member, '\n', 1, true)
  redis.call('ZREM', KEYS[1], member)
  redis.call('XADD', KEYS[2], '*', 'm', string.sub(member, 1, cut - 1), 'p', string.sub(member, cut + 1))
end
-- Where nothing waits, no time has to go on.
if redis.call('EXISTS', KEYS[1]) == 0 then redis.call('DEL', KEYS[3]) end
return #due
