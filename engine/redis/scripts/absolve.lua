#!lua flags=allow-oom
-- Strikes a lone run from a suspect's record: it is over, or never began, and its worker lives.
-- KEYS  suspects
-- ARGV  id of the suspect, consumer
-- Returns  how many runs are left on record
-- Atomic because a run that is put on record between the look and the writing would be lost.
local runs = {}
for _, consumer in ipairs(cjson.decode(redis.call('HGET', KEYS[1], ARGV[1]) or '[]')) do
  if consumer ~= ARGV[2] then runs[#runs + 1] = consumer end
end
if #runs > 0 then
  redis.call('HSET', KEYS[1], ARGV[1], cjson.encode(runs))
else
  redis.call('HDEL', KEYS[1], ARGV[1])
end
return #runs
