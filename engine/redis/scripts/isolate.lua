#!lua flags=allow-oom
-- Gives a suspect to a consumer, and puts on record that it is about to run alone there: should its worker die, the record stays.
-- KEYS  jobs, workers, suspects
-- ARGV  group, the taker, id of the suspect, the consumer that holds suspects, 1 when it runs alone and 0 when it cannot
-- Returns  { state, deliveries, {field, value, ...}, in how many other lone runs its worker died } where state is "taken" (now
--          or by an earlier send), "gone" (it is another's, or settled) or "lost" (the taker itself was declared dead)
-- Atomic because a run that begins before it is on record could end its worker for ever, and because an entry has one owner.
local group, me, id, aside = ARGV[1], ARGV[2], ARGV[3], ARGV[4]
if redis.call('HEXISTS', KEYS[2], me) == 0 then return { 'lost' } end
local entry = redis.call('XPENDING', KEYS[1], group, id, id, 1)[1]
if not entry or (entry[2] ~= me and entry[2] ~= aside) then return { 'gone' } end
local deliveries = entry[4]
if entry[2] == aside then
  deliveries = deliveries + 1
  redis.call('XCLAIM', KEYS[1], group, me, 0, id, 'RETRYCOUNT', deliveries, 'JUSTID')
  if #redis.call('XPENDING', KEYS[1], group, '-', '+', 1, aside) == 0 then
    redis.call('XGROUP', 'DELCONSUMER', KEYS[1], group, aside)
  end
end
local found = redis.call('XRANGE', KEYS[1], id, id)[1]
if not found then
  redis.call('XACK', KEYS[1], group, id)
  return { 'gone' }
end
local runs = { me }
for _, consumer in ipairs(cjson.decode(redis.call('HGET', KEYS[3], id) or '[]')) do
  if consumer ~= me then runs[#runs + 1] = consumer end
end
if ARGV[5] == '1' then redis.call('HSET', KEYS[3], id, cjson.encode(runs)) end
return { 'taken', deliveries, found[2], #runs - 1 }
