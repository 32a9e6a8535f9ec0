#!lua flags=allow-oom
-- Tells who stands still, and for how long that was seen: whoever comes when all who saw it are gone goes on from there.
-- KEYS  watched
-- ARGV  for how many ms that is kept, worker, 'counter ms', ...
-- Returns  1
-- Atomic because what is told is not to stay for ever.
for at = 2, #ARGV, 2 do redis.call('HSET', KEYS[1], ARGV[at], ARGV[at + 1]) end
redis.call('PEXPIRE', KEYS[1], ARGV[1])
return 1
