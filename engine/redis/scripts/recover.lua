#!lua flags=allow-oom
-- Reads what a consumer owns, so that it can find what it was given by a read whose reply was lost. Counts as no delivery.
-- KEYS  jobs
-- ARGV  group, consumer, smallest id, how many, after how many bytes it ends
-- Returns  { 1 when that was all or 0, {id, deliveries, {field, value, ...}}... } in order of id
-- Atomic because an entry that is settled between the two reads would look like one that lost its content.
local reply, bytes = { 1 }, 0
local pending = redis.call('XPENDING', KEYS[1], ARGV[1], ARGV[3], '+', ARGV[4], ARGV[2])
for i, entry in ipairs(pending) do
  local found = redis.call('XRANGE', KEYS[1], entry[1], entry[1])[1]
  reply[i + 1] = { entry[1], entry[4], found and found[2] or {} }
  if not found then redis.call('XACK', KEYS[1], ARGV[1], entry[1]) end
  for _, text in ipairs(found and found[2] or {}) do bytes = bytes + #text end
  if bytes >= tonumber(ARGV[5]) then break end
end
if #reply > tonumber(ARGV[4]) or #reply <= #pending then reply[1] = 0 end
return reply
