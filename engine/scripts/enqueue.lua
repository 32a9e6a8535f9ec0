-- Writes one batch of a lane, once, however often it is sent.
-- KEYS  jobs, lanes, delayed, clock
-- ARGV  lane, number of the batch, then for each job: payload, ms for which it must not start
-- Returns  "ok"; "duplicate": this very batch was written before; "gap": a lower number was expected: this batch is
--          not there, nothing written; "past": a higher one was expected, nothing written; "absent": no such lane, nothing
--          written. An enqueue never makes a lane: a late copy would run it anew.
-- Atomic because the jobs and the lane's number must change together: a batch without its number would be written again.
-- The first step that writes is one that a full broker refuses.
-- USES  timeline
local lane, number = ARGV[1], tonumber(ARGV[2])
local last = tonumber(redis.call('HGET', KEYS[2], lane) or nil)
if not last then return 'absent' end
if number == last then return 'duplicate' end
if number < last then return 'past' end
if number > last + 1 then return 'gap' end
local time = redis.call('TIME')
local enqueuedAt = string.format('@%.0f', time[1] * 1000 + math.floor(time[2] / 1000))
local now
for i = 3, #ARGV, 2 do
  local payload, delay = ARGV[i], ARGV[i + 1]
  local meta = lane .. '-' .. ARGV[2] .. '-' .. (i - 3) / 2 .. enqueuedAt
  if delay == '0' then
    redis.call('XADD', KEYS[1], '*', 'm', meta, 'p', payload)
  else
    now = now or timeline(KEYS[4])
    redis.call('ZADD', KEYS[3], string.format('%.0f', now + delay), meta .. '\n' .. payload)
  end
end
redis.call('HSET', KEYS[2], lane, number)
return 'ok'
