#!lua flags=allow-oom
-- Removes a record that did not move: declares a worker dead, or drops a producer id that nobody uses.
-- KEYS  hash
-- ARGV  field, the value that was seen
-- Returns  1 when it is gone, 0 when it moved after all
-- Atomic because a sign of life between the look and the removal has to win.
local now = redis.call('HGET', KEYS[1], ARGV[1])
if not now then return 1 end
if now ~= ARGV[2] then return 0 end
redis.call('HDEL', KEYS[1], ARGV[1])
return 1
