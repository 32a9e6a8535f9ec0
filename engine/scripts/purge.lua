#!lua flags=allow-oom
-- Throws dead letters away, and frees their callers' keys.
-- KEYS  dead, known, knownBefore
-- ARGV  ids of dead letters
-- Returns  how many were removed; the others are not, or no longer, there
-- Atomic because a key that is known for longer than its job can be found answers for a job that is nowhere; and one that is
-- free while its letter is there lets the job be written twice, if somebody puts the letter back to work.
-- USES  removal
local gone = 0
for _, id in ipairs(ARGV) do
  local letter = redis.call('XRANGE', KEYS[1], id, id)[1]
  if letter then
    remove(KEYS[1], KEYS[2], KEYS[3], letter)
    gone = gone + 1
  end
end
return gone
