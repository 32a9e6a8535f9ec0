#!lua flags=allow-oom
-- Removes the oldest dead letters: those that are too many, and those that are too old.
-- KEYS  dead
-- ARGV  how many may stay ("" for any number), ms for which they may ("" for ever), how many to remove of each at most, and
--       after how many bytes it ends
-- Returns  { how many were removed, 1 when there may be more or 0 }
-- Atomic because two that count what is too much, and then remove as much, would remove it twice. An entry's id is never less
-- than the broker's time at which it was written, so none goes early.
local limit = tonumber(ARGV[3])
local gone, more = 0, 0
if ARGV[1] ~= '' then
  local stay = math.max(ARGV[1], redis.call('XLEN', KEYS[1]) - limit)
  gone = redis.call('XTRIM', KEYS[1], 'MAXLEN', '=', string.format('%.0f', stay))
  if gone == limit then more = 1 end
end
if ARGV[2] ~= '' then
  local time = redis.call('TIME')
  local lastOld = math.max(time[1] * 1000 + math.floor(time[2] / 1000) - ARGV[2] - 1, 0)
  local old, from, bytes = {}, '-', 0
  while #old < limit and bytes < tonumber(ARGV[4]) do
    local letter = redis.call('XRANGE', KEYS[1], from, string.format('%.0f', lastOld), 'COUNT', 1)[1]
    if not letter then break end
    old[#old + 1] = letter[1]
    from = '(' .. letter[1]
    for _, text in ipairs(letter[2]) do bytes = bytes + #text end
  end
  if #old == limit or bytes >= tonumber(ARGV[4]) then more = 1 end
  if #old > 0 then gone = gone + redis.call('XDEL', KEYS[1], unpack(old)) end
end
return { gone, more }
