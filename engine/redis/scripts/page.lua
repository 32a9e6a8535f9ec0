#!lua flags=no-writes
-- Reads entries of a stream in their order, until they are many or large enough; without one of their fields, if that is not needed.
-- KEYS  stream
-- ARGV  smallest id, largest id, how many at most, after how many bytes it ends, the field that is left out ("" for none)
-- Returns  { 1 when that was all or 0, {id, {field, value, ...}}... }
-- It is a script because a read has no bound in bytes, and one that is too long keeps everybody else waiting.
local from, bytes = ARGV[1], 0
local reply = { 0 }
while #reply <= tonumber(ARGV[3]) and bytes < tonumber(ARGV[4]) do
  local entry = redis.call('XRANGE', KEYS[1], from, ARGV[2], 'COUNT', 1)[1]
  if not entry then
    reply[1] = 1
    break
  end
  local id, fields, kept = entry[1], entry[2], {}
  for i = 1, #fields, 2 do
    bytes = bytes + #fields[i + 1]
    if fields[i] ~= ARGV[5] then
      kept[#kept + 1] = fields[i]
      kept[#kept + 1] = fields[i + 1]
    end
  end
  reply[#reply + 1] = { id, kept }
  from = '(' .. id
end
return reply
