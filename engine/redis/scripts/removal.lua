-- Removes a dead letter and, with it, its caller's key where that still names its job: nobody is told of a job that was
-- thrown away that it was written before. Returns how many bytes it had.
local function remove(dead, known, knownBefore, letter)
  local field, bytes = {}, 0
  for i = 1, #letter[2], 2 do
    field[letter[2][i]] = letter[2][i + 1]
    bytes = bytes + #letter[2][i + 1]
  end
  redis.call('XDEL', dead, letter[1])
  local key = field['key'] or ''
  if key == '' then return bytes end
  for _, keys in ipairs({ known, knownBefore }) do
    if redis.call('HGET', keys, key) == field['job'] then redis.call('HDEL', keys, key) end
  end
  return bytes
end
