-- Writes one batch of an idempotent producer, once, however often it is sent; but not what exceeds the depth, nor what stands there under its key.
-- KEYS  jobs, sequences, delayed, clock, known, knownBefore
-- ARGV  producer id, sequence number of the batch, depth at which there is no more room (or nothing), then for each job: payload, terms
--       terms  what else its caller says of it, as JSON: {"delayMs": ms for which it must not start, "at": ms since 1970 before
--              which it must not, "key": its caller's key}, each only where it was given
-- Returns  "ok"; "duplicate": this very batch was written before; "gap": a lower number was expected: this batch is
--          not there, nothing written; "past": a higher one was expected, nothing written; "absent": no such producer id, nothing
--          written. An enqueue never makes one: a late copy would run it anew. After "ok" and "duplicate", where not all
--          was written: a space, the first job for which there was no room (nor was there for those after it) or "-", and for
--          each job whose key is known: a space, the job, "=", the id under which it stands there.
-- Atomic because the jobs and the sequence number must change together: a batch without its number would be written again; what
-- was not written stands beside the number, so that a batch that is sent again hears the same. A key must be known with its job,
-- and room may not be given away twice. The first step that writes is one that a full broker refuses.
--          Where the broker lacks or forbids a command, its error stands behind UNWRITTEN or, where jobs were written before, PARTLY.
-- USES  timeline
local wrote = false
local function enqueue()
  local producer, number, depth = ARGV[1], tonumber(ARGV[2]), tonumber(ARGV[3])
  local record = redis.call('HGET', KEYS[2], producer)
  if not record then return 'absent' end
  local last, unwritten = string.match(record, '^(%d+)(.*)$')
  last = tonumber(last)
  if number == last then return 'duplicate' .. unwritten end
  if number < last then return 'past' end
  if number > last + 1 then return 'gap' end
  local room = depth and depth - redis.call('XLEN', KEYS[1]) - redis.call('ZCARD', KEYS[3]) or math.huge
  local time = redis.call('TIME')
  local wall = time[1] * 1000 + math.floor(time[2] / 1000)
  local enqueuedAt = string.format('@%.0f', wall)
  local full, seen, none = '-', '', {}
  local now
  for i = 4, #ARGV, 2 do
    local payload, terms = ARGV[i], ARGV[i + 1] == '{}' and none or cjson.decode(ARGV[i + 1])
    local key, wait = terms.key, terms.delayMs or 0
    if terms.at then wait = math.max(terms.at - wall, 0) end
    local index = (i - 4) / 2
    local id = producer .. '-' .. ARGV[2] .. '-' .. index
    local before = key and (redis.call('HGET', KEYS[5], key) or redis.call('HGET', KEYS[6], key))
    if before then
      seen = seen .. ' ' .. index .. '=' .. before
    elseif room <= 0 then
      if full == '-' then full = index end
    else
      room = room - 1
      local note = key and ' ' .. cjson.encode(key) or ''
      if wait == 0 then
        redis.call('XADD', KEYS[1], '*', 'm', id .. enqueuedAt .. note, 'p', payload)
      else
        now = now or timeline(KEYS[4])
        redis.call('ZADD', KEYS[3], string.format('%.0f', math.ceil(now + wait)), id .. enqueuedAt .. note .. '\n' .. payload)
      end
      wrote = true
      if key then redis.call('HSET', KEYS[5], key, id) end
    end
  end
  unwritten = (full ~= '-' or seen ~= '') and ' ' .. full .. seen or ''
  redis.call('HSET', KEYS[2], producer, ARGV[2] .. unwritten)
  return 'ok' .. unwritten
end
local answered, answer = pcall(enqueue)
if answered then return answer end
local err = type(answer) == 'table' and answer.err or tostring(answer)
if wrote then return { err = 'PARTLY ' .. err } end
return { err = string.sub(err, 1, 4) == 'ERR ' and 'UNWRITTEN ' .. err or err }
