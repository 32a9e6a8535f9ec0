-- Writes one batch of a lane, once, however often it is sent.
-- KEYS  jobs, lanes
-- ARGV  lane, number of the batch, payload...
-- Returns  "ok"; "duplicate": this very batch was written before; "gap": a lower number was expected: this batch is
--          not there, nothing written; "past": a higher one was expected, nothing written; "absent": no such lane, nothing
--          written. An enqueue never makes a lane: a late copy would run it anew.
-- Atomic because the jobs and the lane's number must change together: a batch without its number would be written again.
-- The step that a full broker may refuse (XADD) comes first.
local lane, number = ARGV[1], tonumber(ARGV[2])
local last = tonumber(redis.call('HGET', KEYS[2], lane) or nil)
if not last then return 'absent' end
if number == last then return 'duplicate' end
if number < last then return 'past' end
if number > last + 1 then return 'gap' end
local prefix = lane .. '-' .. ARGV[2] .. '-'
for i = 3, #ARGV do
  redis.call('XADD', KEYS[1], '*', 'm', prefix .. (i - 3), 'p', ARGV[i])
end
redis.call('HSET', KEYS[2], lane, number)
return 'ok'
