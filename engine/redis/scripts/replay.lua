#!lua flags=allow-oom
-- Puts dead jobs back into the stream as they were when they were enqueued: same id, payload and time, no attempt used up.
-- KEYS  dead, jobs
-- ARGV  the priority of these jobs ("" where there are none), after how many bytes it ends, ids of dead letters
-- Returns  { how many were put back, how many ids were looked at }; the others of these are not, or no longer, there, or of another priority
-- Atomic because a job must stand in one place: whoever removes the letter, and nobody else, puts the job back, and in the
-- same step. What frees memory comes first, so that it works on a full broker.
local back, seen, bytes = 0, 0, 0
for n = 3, #ARGV do
  if bytes >= tonumber(ARGV[2]) then break end
  seen = seen + 1
  local id = ARGV[n]
  local letter = redis.call('XRANGE', KEYS[1], id, id)[1]
  local field = {}
  if letter then
    for i = 1, #letter[2], 2 do field[letter[2][i]] = letter[2][i + 1] end
    bytes = bytes + #field['payload']
  end
  if letter and field['priority'] == ARGV[1] then
    local meta, payload = field['job'] .. '@' .. field['enqueuedAt'], field['payload']
    if (field['key'] or '') ~= '' then meta = meta .. ' ' .. cjson.encode(field['key']) end
    redis.call('XDEL', KEYS[1], id)
    redis.call('XADD', KEYS[2], '*', 'm', meta, 'p', payload)
    back = back + 1
  end
end
return { back, seen }
