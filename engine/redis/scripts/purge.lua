#!lua flags=allow-oom
-- Throws dead letters away, and frees their callers' keys.
-- KEYS  dead, known, knownBefore
-- ARGV  after how many bytes it ends, ids of dead letters
-- Returns  { how many were removed, how many ids were looked at }; the others of these are not, or no longer, there
-- Atomic because a key that is known for longer than its job can be found answers for a job that is nowhere; and one that is
-- free while its letter is there lets the job be written twice, if somebody puts the letter back to work.
-- USES  removal
local gone, seen, bytes = 0, 0, 0
for n = 2, #ARGV do
  if bytes >= tonumber(ARGV[1]) then break end
  seen = seen + 1
  local letter = redis.call('XRANGE', KEYS[1], ARGV[n], ARGV[n])[1]
  if letter then
    bytes = bytes + remove(KEYS[1], KEYS[2], KEYS[3], letter)
    gone = gone + 1
  end
end
return { gone, seen }
