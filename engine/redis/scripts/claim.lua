#!lua flags=allow-oom
-- Takes over entries of a consumer that was declared dead; removes the consumer when it has none left. What was in the
-- hands of too many dead is suspected of their death: it is set aside, for somebody to run it alone.
-- KEYS  jobs, workers, settled
-- ARGV  group, the taker, the dead, how many, the consumer that holds suspects, the delivery that makes one
-- Returns  { state, {id, deliveries, {field, value, ...}}... } where state is "more", "gone" (the dead has nothing left and is
--          removed), "alive" (not to be taken from) or "lost" (the taker itself was declared dead: nothing taken)
-- Atomic because an entry must have one owner, and a consumer deleted with entries pending would take them with it.
local group, me, victim, limit = ARGV[1], ARGV[2], ARGV[3], tonumber(ARGV[4])
if redis.call('HEXISTS', KEYS[2], me) == 0 then return { 'lost' } end
if redis.call('HEXISTS', KEYS[2], victim) == 1 then return { 'alive' } end
local reply = { 'more' }
local pending = redis.call('XPENDING', KEYS[1], group, '-', '+', limit, victim)
local claim, deliveries = { 'XCLAIM', KEYS[1], group, me, 0 }, {}
for _, entry in ipairs(pending) do
  if entry[4] + 1 >= tonumber(ARGV[6]) then
    redis.call('XCLAIM', KEYS[1], group, ARGV[5], 0, entry[1], 'RETRYCOUNT', entry[4], 'JUSTID')
  else
    claim[#claim + 1] = entry[1]
    deliveries[entry[1]] = entry[4] + 1
  end
end
if #claim > 5 then
  -- Entries that are no longer in the stream leave the pending list here and are not returned.
  for _, entry in ipairs(redis.call(unpack(claim))) do
    if entry then reply[#reply + 1] = { entry[1], deliveries[entry[1]], entry[2] } end
  end
end
if #redis.call('XPENDING', KEYS[1], group, '-', '+', 1, victim) == 0 then
  redis.call('XGROUP', 'DELCONSUMER', KEYS[1], group, victim)
  redis.call('HDEL', KEYS[3], victim)
  reply[1] = 'gone'
end
return reply
