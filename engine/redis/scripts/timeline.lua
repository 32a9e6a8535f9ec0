-- The time by which delays are measured: the broker's clock, with each of its steps backwards undone. A clock that was ahead
-- and is set right again would else make every delay longer by as much.
-- `clock` holds when the broker's clock was read last, and how far the time is ahead of it.
local function timeline(clock)
  local time = redis.call('TIME')
  local now = time[1] * 1000 + math.floor(time[2] / 1000)
  local last, ahead = string.match(redis.call('GET', clock) or '', '^(%d+) (%d+)$')
  ahead = (ahead or 0) + math.max((last or now) - now, 0)
  redis.call('SET', clock, string.format('%.0f %.0f', now, ahead))
  return now + ahead
end
