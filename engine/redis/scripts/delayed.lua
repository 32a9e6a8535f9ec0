#!lua flags=no-writes
-- Reads members of the delayed set in no order, until they are many or large enough; without their payloads, if these are not needed.
-- KEYS  delayed
-- ARGV  cursor, how many at most, after how many bytes it ends, 1 with the payloads or 0 without
-- Returns  { the next cursor, member... }; cursor 0: that was all. A member may come twice
-- It is a script because a read has no bound in bytes, and one that is too long keeps everybody else waiting.
local cursor, bytes = ARGV[1], 0
local members = {}
for _ = 1, tonumber(ARGV[2]) do
  local page = redis.call('ZSCAN', KEYS[1], cursor, 'COUNT', 1)
  cursor = page[1]
  for i = 1, #page[2], 2 do
    local member = page[2][i]
    bytes = bytes + #member
    members[#members + 1] = ARGV[4] == '1' and member or string.match(member, '^[^\n]*\n')
  end
  if cursor == '0' or bytes >= tonumber(ARGV[3]) then break end
end
return { cursor, unpack(members) }
