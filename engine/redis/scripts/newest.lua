#!lua flags=no-writes
-- The id of the newest entry of a stream, without what is in it.
-- KEYS  stream
-- ARGV
-- Returns  that id, or nothing where there is no entry
-- It is a script because a read would bring the entry along, however large it is.
local newest = redis.call('XREVRANGE', KEYS[1], '+', '-', 'COUNT', 1)[1]
return newest and newest[1]
