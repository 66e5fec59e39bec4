-- Reads the newest entry id of several topics of one bucket.
-- KEYS: epoch, and for each topic: last, erased
-- ARGV: epoch for a new log, ms to keep last, and for each topic: epoch and id of an entry that the node has seen (or
--   two times '')
-- Returns: epoch, the server's time in ms, and for each topic: the newest entry's id or nil, the id up to which the topic
--   was deleted or nil
if redis.replicate_commands then redis.replicate_commands() end

local function number(n) return string.format('%.0f', n) end

-- See publish.lua.
local function parts(id)
  local ms, seq = string.match(id, '^(%d+)%-(%d+)$')
  if ms then return tonumber(ms), tonumber(seq) + 1 end
  return tonumber(string.match(id, '^%d+')), 0
end

local function is_before(a, b)
  local a_ms, a_seq = parts(a)
  local b_ms, b_seq = parts(b)
  return a_ms < b_ms or a_ms == b_ms and a_seq < b_seq
end

local epoch = redis.call('GET', KEYS[1])
if not epoch then
  epoch = ARGV[1]
  redis.call('SET', KEYS[1], epoch)
end
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)

local found = redis.call('MGET', unpack(KEYS, 2))
for i = 1, #found, 2 do
  if ARGV[i + 2] == epoch then
    local seen = ARGV[i + 3]
    local seen_ms = parts(seen)
    local last = found[i]
    if last and is_before(last, seen) or not last and seen_ms > now - ARGV[2] / 2 then
      found[i] = number(math.max(now, seen_ms + 1)) .. '!'
      redis.call('SET', KEYS[i + 1], found[i], 'PX', ARGV[2])
    end
  end
end
return {epoch, number(now), found}
