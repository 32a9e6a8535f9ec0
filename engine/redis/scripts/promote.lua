#!lua flags=allow-oom
-- Moves jobs whose time has come from the delayed set to the stream. Any worker may, any number of times.
-- KEYS  delayed, jobs, clock
-- ARGV  how many at most; it ends after 4 MiB, too, since everybody else waits for it
-- Returns  how many were moved; 0: nothing is due
-- Atomic because a job must stand in one place: neither in both nor, if the mover dies, in none. The broker's clock alone
-- decides what is due. What frees memory (ZREM) comes first, so that a full broker drains.
-- USES  timeline
if redis.call('EXISTS', KEYS[1]) == 0 then return 0 end
local now = timeline(KEYS[3])
local moved, bytes = 0, 0
while moved < tonumber(ARGV[1]) and bytes < 4194304 do
  local due = redis.call('ZRANGEBYSCORE', KEYS[1], '-inf', string.format('%.0f', now), 'LIMIT', 0, 1)
  if #due == 0 then break end
  for _, member in ipairs(due) do
    local cut = string.find(member, '\n', 1, true)
    redis.call('ZREM', KEYS[1], member)
    redis.call('XADD', KEYS[2], '*', 'm', string.sub(member, 1, cut - 1), 'p', string.sub(member, cut + 1))
    bytes = bytes + #member
  end
  moved = moved + #due
end
-- Where nothing waits, no time has to go on.
if redis.call('EXISTS', KEYS[1]) == 0 then redis.call('DEL', KEYS[3]) end
return moved
