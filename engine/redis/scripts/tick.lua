#!lua flags=allow-oom
-- Ticks, where anything is remembered; after so many ticks since the last turn, what was remembered before that is forgotten.
-- KEYS  known, knownBefore, ticks
-- ARGV  the ticks that were seen, the ticks of a turn
-- Returns  1 when it ticked; 0: somebody else did since, or nothing is remembered
-- Atomic because two who saw the same tick would tick twice, and time would pass twice as fast.
if (redis.call('GET', KEYS[3]) or '') ~= ARGV[1] then return 0 end
if redis.call('EXISTS', KEYS[1], KEYS[2]) == 0 then return 0 end
local ticks, turned = string.match(ARGV[1], '^(%d+) (%d+)$')
ticks, turned = (ticks or 0) + 1, tonumber(turned or 0)
if ticks - turned >= tonumber(ARGV[2]) then
  redis.call('UNLINK', KEYS[2])
  if redis.call('EXISTS', KEYS[1]) == 1 then redis.call('RENAME', KEYS[1], KEYS[2]) end
  turned = ticks
end
redis.call('SET', KEYS[3], string.format('%.0f %.0f', ticks, turned))
return 1
