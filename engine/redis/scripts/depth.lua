#!lua flags=no-writes
-- How many jobs are still to be done: those that wait, those in a worker's hands, and those that are delayed.
-- KEYS  jobs, delayed
-- ARGV
-- Returns  that number
-- Atomic because a job that is promoted between two counts would be counted twice, or not at all.
return redis.call('XLEN', KEYS[1]) + redis.call('ZCARD', KEYS[2])
