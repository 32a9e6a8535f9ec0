#!lua flags=allow-oom
-- Removes the oldest dead letters, those that are too many and those that are too old, and frees their callers' keys.
-- KEYS  dead, known, knownBefore
-- ARGV  how many may stay ("" for any number), ms for which they may ("" for ever), how many to remove of each at most, and
--       after how many bytes it ends
-- Returns  { how many were removed, 1 when there may be more or 0 }
-- Atomic because two that count what is too much, and then remove as much, would remove it twice. An entry's id is never less
-- than the broker's time at which it was written, so none goes early.
-- USES  removal
local limit, bytesMax = tonumber(ARGV[3]), tonumber(ARGV[4])
local gone, bytes, more = 0, 0, 0

local function removeOldest(last, count)
  for _ = 1, count do
    if bytes >= bytesMax then
      more = 1
      return
    end
    local letter = redis.call('XRANGE', KEYS[1], '-', last, 'COUNT', 1)[1]
    if not letter then return end
    bytes = bytes + remove(KEYS[1], KEYS[2], KEYS[3], letter)
    gone = gone + 1
  end
  if count == limit then more = 1 end
end

if ARGV[1] ~= '' then removeOldest('+', math.min(redis.call('XLEN', KEYS[1]) - ARGV[1], limit)) end
if ARGV[2] ~= '' then
  local time = redis.call('TIME')
  local lastOld = math.max(time[1] * 1000 + math.floor(time[2] / 1000) - ARGV[2] - 1, 0)
  removeOldest(string.format('%.0f', lastOld), limit)
end
return { gone, more }
