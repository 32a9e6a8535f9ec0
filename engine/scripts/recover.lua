#!lua flags=allow-oom
-- Reads what a consumer owns, so that it can find what it was given by a read whose reply was lost. Counts as no delivery.
-- KEYS  jobs
-- ARGV  group, consumer, smallest id, how many
-- Returns  { {id, deliveries, {field, value, ...}}... } in order of id; fewer than asked for: that was all
-- Atomic because an entry that is settled between the two reads would look like one that lost its content.
local reply = {}
for i, entry in ipairs(redis.call('XPENDING', KEYS[1], ARGV[1], ARGV[3], '+', ARGV[4], ARGV[2])) do
  local found = redis.call('XRANGE', KEYS[1], entry[1], entry[1])[1]
  reply[i] = { entry[1], entry[4], found and found[2] or {} }
  if not found then redis.call('XACK', KEYS[1], ARGV[1], entry[1]) end
end
return reply
