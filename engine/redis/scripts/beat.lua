#!lua flags=allow-oom
-- A sign of life, and the confirmation that everything in hand is still the caller's.
-- KEYS  workers
-- ARGV  consumer
-- Returns  1, or 0: declared dead, for good
-- Atomic because a beat after the declaration would bring the dead back under its old name.
if redis.call('HEXISTS', KEYS[1], ARGV[1]) == 0 then return 0 end
redis.call('HINCRBY', KEYS[1], ARGV[1], 1)
return 1
