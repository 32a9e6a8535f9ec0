-- The group of a job, drawn from its payload; nil where the entry is gone.
local function group_of(stream, id)
  local found = redis.call('XRANGE', stream, id, id)[1]
  return found and tonumber(string.sub(redis.sha1hex(found[2][4]), 1, 8), 16) % 1000
end
