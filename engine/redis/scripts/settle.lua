#!lua flags=allow-oom
-- Settles one batch of a consumer's jobs, once, however often it is sent: done, to be tried again later, or dead.
-- KEYS  jobs, delayed, dead, settled, clock, suspects
-- ARGV  group, consumer, number of the batch, smallest and largest id of the batch, how many are done, retried, dead; then
--       done: id, deliveries; retried: id, deliveries, delay in ms, member of the delayed set;
--       dead: id, deliveries, job, payload, origin, attempts, first error, last error, enqueued at (ms), priority, its caller's
--       key, stack
-- Returns  { state, marks }: one mark per job, "1" accepted, "0" refused: it is not, or no longer, the consumer's. State is
--          "ok" (now or by an earlier send), "pruned" (no record: a refusal may be the echo of an earlier send that was
--          accepted) or "stale" (a late copy, nothing done)
-- Atomic because the entry must leave the stream in the very step in which its next attempt or dead letter is written, and
-- because its owner must not change between the check and the deed. What frees memory comes first, so a full broker drains.
-- USES  timeline
local jobs, delayed, dead, settled, clock, suspects = KEYS[1], KEYS[2], KEYS[3], KEYS[4], KEYS[5], KEYS[6]
local group, consumer, batch = ARGV[1], ARGV[2], tonumber(ARGV[3])
local record = redis.call('HGET', settled, consumer)
if record then
  local number, marks = string.match(record, '^(%d+) (.*)$')
  if tonumber(number) == batch then return { 'ok', marks } end
  if tonumber(number) > batch then return { 'stale', '' } end
end

-- Everything the consumer owns between the two ids: a smaller limit would refuse falsely.
local deliveries = {}
for _, entry in ipairs(redis.call('XPENDING', jobs, group, ARGV[4], ARGV[5], 1000000, consumer)) do
  deliveries[entry[1]] = tostring(entry[4])
end
local sizes = { 2, 4, 12 }
local marks, owned, accepted = {}, {}, { {}, {}, {} }
local at = 9
for kind = 1, 3 do
  for _ = 1, tonumber(ARGV[5 + kind]) do
    local mine = deliveries[ARGV[at]] == ARGV[at + 1]
    marks[#marks + 1] = mine and '1' or '0'
    if mine then
      owned[#owned + 1] = ARGV[at]
      if kind > 1 then table.insert(accepted[kind], at) end
    end
    at = at + sizes[kind]
  end
end

if #owned > 0 then
  redis.call('XACK', jobs, group, unpack(owned))
  redis.call('XDEL', jobs, unpack(owned))
  redis.call('HDEL', suspects, unpack(owned))
end
if #accepted[2] > 0 then
  local now = timeline(clock)
  for _, i in ipairs(accepted[2]) do
    redis.call('ZADD', delayed, string.format('%.0f', now + ARGV[i + 2]), ARGV[i + 3])
  end
end
if #accepted[3] > 0 then
  local time = redis.call('TIME')
  local now = time[1] * 1000 + math.floor(time[2] / 1000)
  for _, i in ipairs(accepted[3]) do
    -- A clock that was set back since would say that it failed before it was there.
    local failedAt = string.format('%.0f', math.max(now, ARGV[i + 8]))
    redis.call('XADD', dead, '*', 'job', ARGV[i + 2], 'payload', ARGV[i + 3], 'origin', ARGV[i + 4], 'attempts', ARGV[i + 5],
      'firstError', ARGV[i + 6], 'lastError', ARGV[i + 7], 'enqueuedAt', ARGV[i + 8], 'failedAt', failedAt, 'worker', consumer,
      'priority', ARGV[i + 9], 'key', ARGV[i + 10], 'stack', ARGV[i + 11])
  end
end
local all = table.concat(marks)
if not record then return { 'pruned', all } end
redis.call('HSET', settled, consumer, ARGV[3] .. ' ' .. all)
return { 'ok', all }
