#!lua flags=no-writes
-- How many jobs are in which place, and for how long the oldest that may run has been there.
-- KEYS  jobs, delayed, dead
-- ARGV  group
-- Returns  { waiting, active, delayed, dead, the broker's time in ms (text), ms for which the oldest has been due, or -1 }
-- Atomic because a job that moves between two counts would be counted twice, or not at all.
local length = redis.call('XLEN', KEYS[1])
local pending = redis.pcall('XPENDING', KEYS[1], ARGV[1])
local active = 0
if not pending.err then
  active = pending[1]
  -- What belongs to a name with a tilde was handed back or set aside: nobody works on it.
  for _, consumer in ipairs(pending[4] or {}) do
    if string.sub(consumer[1], 1, 1) == '~' then active = active - consumer[2] end
  end
end
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local due = math.huge
local first = redis.call('XRANGE', KEYS[1], '-', '+', 'COUNT', 1)[1]
if first then due = tonumber(string.match(first[1], '^%d+')) end
local next = redis.call('ZRANGE', KEYS[2], 0, 0, 'WITHSCORES')[2]
if next and tonumber(next) <= now then due = math.min(due, tonumber(next)) end
local age = due == math.huge and -1 or math.max(now - due, 0)
return { length - active, active, redis.call('ZCARD', KEYS[2]), redis.call('XLEN', KEYS[3]), string.format('%.0f', now), age }
