#!lua flags=allow-oom
-- Removes the oldest dead letters: those that are too many, and those that are too old.
-- KEYS  dead
-- ARGV  how many may stay ("" for any number), ms for which they may ("" for ever), how many to remove of each at most
-- Returns  how many were removed
-- Atomic because two that count what is too much, and then remove as much, would remove it twice. An entry's id is never less
-- than the broker's time at which it was written, so none goes early.
local limit = tonumber(ARGV[3])
local gone = 0
if ARGV[1] ~= '' then
  local stay = math.max(ARGV[1], redis.call('XLEN', KEYS[1]) - limit)
  gone = redis.call('XTRIM', KEYS[1], 'MAXLEN', '=', string.format('%.0f', stay))
end
if ARGV[2] ~= '' then
  local time = redis.call('TIME')
  local lastOld = math.max(time[1] * 1000 + math.floor(time[2] / 1000) - ARGV[2] - 1, 0)
  local old = {}
  for i, letter in ipairs(redis.call('XRANGE', KEYS[1], '-', string.format('%.0f', lastOld), 'COUNT', limit)) do
    old[i] = letter[1]
  end
  if #old > 0 then gone = gone + redis.call('XDEL', KEYS[1], unpack(old)) end
end
return gone
