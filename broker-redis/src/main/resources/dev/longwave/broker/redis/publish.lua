-- Adds messages to the log of a topic, and publishes them on the topic's channel, in order.
-- KEYS: epoch, log, last, and for each message that has an id, the key of that id
-- ARGV: epoch for a new log, channel, entries to keep, ms to keep them, ms to keep last, ms to keep ids, PUBLISH or
--   SPUBLISH, epoch and id of an entry that the node has seen (or two times ''), and for each message: 1 if it has an id,
--   header, attributes, data
-- Returns: epoch, and for each message: entry id, 1 if it is a duplicate
if redis.replicate_commands then redis.replicate_commands() end -- otherwise Redis 6 refuses writes after TIME

local FIRST_MESSAGE = 10

local function number(n) return string.format('%.0f', n) end

-- The two numbers of a position: entries are later than the moment or the cut of the same ms.
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
local last = redis.call('GET', KEYS[3])

if ARGV[8] == epoch then
  -- The log once had this entry, and last is kept for longer than the node remembers. A log that has lost it goes on
  -- after a cut, at which every reader sees that something is missing.
  local seen_ms = parts(ARGV[9])
  if last and is_before(last, ARGV[9]) or not last and seen_ms > now - ARGV[5] / 2 then
    last = number(math.max(now, seen_ms + 1)) .. '!'
  end
end

local reply, live, added, key = {epoch}, {}, false, 4
for message = FIRST_MESSAGE, #ARGV, 4 do
  local header, attributes, data = ARGV[message + 1], ARGV[message + 2], ARGV[message + 3]
  local id_key, known = false, false
  if ARGV[message] == '1' then
    id_key = KEYS[key]
    key = key + 1
    known = redis.call('GET', id_key)
  end
  if known then
    reply[#reply + 1] = known
    reply[#reply + 1] = 1
  else
    local previous = last or number(now - ARGV[5])
    local id = '*'
    if last and not added then
      local ms, next_seq = parts(last)
      if now <= ms then
        -- XADD does not know what the log has had if that has expired or was deleted, and the clock was set back.
        local newest = redis.call('XREVRANGE', KEYS[2], '+', '-', 'COUNT', 1)[1]
        if not newest or is_before(newest[1], last) then id = number(ms) .. '-' .. number(next_seq) end
      end
    end

    local entry = {'p', previous, 'h', header, 'd', data}
    if attributes ~= '' then
      entry[7] = 'a'
      entry[8] = attributes
    end
    id = redis.call('XADD', KEYS[2], 'MAXLEN', '~', ARGV[3], id, unpack(entry))
    if id_key then redis.call('SET', id_key, id, 'PX', ARGV[6]) end
    live[#live + 1] = epoch .. ' ' .. previous .. ' ' .. id .. ' ' .. #header + #attributes .. '\n'
      .. header .. attributes .. data
    last, added = id, true
    reply[#reply + 1] = id
    reply[#reply + 1] = 0
  end
end

if added then
  redis.call('SET', KEYS[3], last, 'PX', ARGV[5])
  redis.call('XTRIM', KEYS[2], 'MINID', '~', number(now - ARGV[4]))
  redis.call('PEXPIRE', KEYS[2], ARGV[4])
  for _, message in ipairs(live) do redis.call(ARGV[7], ARGV[2], message) end
end
return reply
