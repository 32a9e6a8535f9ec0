#!lua flags=allow-oom
-- Removes the oldest dead letters, those that are too many and those that are too old, and frees their callers' keys.
-- KEYS  dead, known, knownBefore
-- ARGV  how many may stay ("" for any number), ms for which they may ("" for ever), how many to remove of each at most
-- Returns  how many were removed
-- Atomic because two that count what is too much, and then remove as much, would remove it twice. An entry's id is never less
-- than the broker's time at which it was written, so none goes early.
-- USES  removal
local limit = tonumber(ARGV[3])

local function removeOldest(last, count)
  local gone = 0
  while gone < count do
    local letter = redis.call('XRANGE', KEYS[1], '-', last, 'COUNT', 1)[1]
    if not letter then break end
    remove(KEYS[1], KEYS[2], KEYS[3], letter)
    gone = gone + 1
  end
  return gone
end

local gone = 0
if ARGV[1] ~= '' then gone = removeOldest('+', math.min(redis.call('XLEN', KEYS[1]) - ARGV[1], limit)) end
if ARGV[2] ~= '' then
  local time = redis.call('TIME')
  local lastOld = math.max(time[1] * 1000 + math.floor(time[2] / 1000) - ARGV[2] - 1, 0)
  gone = gone + removeOldest(string.format('%.0f', lastOld), limit)
end
return gone
