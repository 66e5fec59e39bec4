-- Adds messages to the log of a topic, and publishes them on the topic's channel, in order.
-- KEYS: epoch, log, last, and for each message that has an id, the key of that id
-- ARGV: epoch for a new log, channel, entries to keep, ms to keep them, ms to keep last, ms to keep ids, and for each
--   message: 1 if it has an id, header, attributes, data
-- Returns: epoch, and for each message: entry id, 1 if it is a duplicate
if redis.replicate_commands then redis.replicate_commands() end -- otherwise Redis 6 refuses writes after TIME

local epoch = redis.call('GET', KEYS[1])
if not epoch then
  epoch = ARGV[1]
  redis.call('SET', KEYS[1], epoch)
end
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local last = redis.call('GET', KEYS[3])
local reply, added, key = {epoch}, false, 4

for message = 7, #ARGV, 4 do
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
    local previous = last or string.format('%.0f', now - ARGV[5])
    local id = '*'
    if last and redis.call('EXISTS', KEYS[2]) == 0 then
      -- The log has expired, so XADD cannot notice that the clock was set back.
      local ms, seq = string.match(last, '^(%d+)-(%d+)$')
      if now <= tonumber(ms) then id = ms .. '-' .. string.format('%.0f', seq + 1) end
    end

    local entry = {'p', previous, 'h', header, 'd', data}
    if attributes ~= '' then
      entry[7] = 'a'
      entry[8] = attributes
    end
    id = redis.call('XADD', KEYS[2], 'MAXLEN', '~', ARGV[3], id, unpack(entry))
    redis.call('SET', KEYS[3], id, 'PX', ARGV[5])
    if id_key then redis.call('SET', id_key, id, 'PX', ARGV[6]) end
    redis.call('PUBLISH', ARGV[2], epoch .. ' ' .. previous .. ' ' .. id .. ' ' .. #header + #attributes .. '\n'
      .. header .. attributes .. data)
    last, added = id, true
    reply[#reply + 1] = id
    reply[#reply + 1] = 0
  end
end

if added then
  redis.call('XTRIM', KEYS[2], 'MINID', '~', string.format('%.0f', now - ARGV[4]))
  redis.call('PEXPIRE', KEYS[2], ARGV[4])
end
return reply
