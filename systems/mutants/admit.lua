-- Lets those entries through whose group is idle or runs just them; the others are set aside until it is.
-- KEYS  jobs, groups
-- ARGV  consumer group, the taker, whose they are, who holds what is set aside, how many at most, id...
-- Returns  {id, deliveries, {field, value, ...}}... of those that are the taker's now
-- Atomic so that this mutant blocks a group by a death alone, and by no race.
-- USES  group-of
local admitted = {}
for i = 6, #ARGV do
  local id = ARGV[i]
  local entry = redis.call('XPENDING', KEYS[1], ARGV[1], id, id, 1, ARGV[3])[1]
  local its = entry and group_of(KEYS[1], id)
  if its and #admitted < tonumber(ARGV[5]) then
    redis.call('HSETNX', KEYS[2], its, id)
    local runs = redis.call('HGET', KEYS[2], its) == id
    redis.call('XCLAIM', KEYS[1], ARGV[1], runs and ARGV[2] or ARGV[4], 0, id, 'RETRYCOUNT', entry[4], 'JUSTID')
    if runs then admitted[#admitted + 1] = { id, entry[4], redis.call('XRANGE', KEYS[1], id, id)[1][2] } end
  end
end
return admitted
