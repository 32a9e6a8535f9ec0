-- Acknowledges and deletes entries, whatever becomes of their jobs.
-- KEYS  jobs
-- ARGV  group, id...
-- Returns  how many were pending
-- Atomic so that this mutant loses jobs by its order of things alone, and strands none in the stream.
local ids = { unpack(ARGV, 2) }
local acknowledged = redis.call('XACK', KEYS[1], ARGV[1], unpack(ids))
redis.call('XDEL', KEYS[1], unpack(ids))
return acknowledged
