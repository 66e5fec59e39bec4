-- Adds a message to the log of its topic, and publishes it on the topic's channel.
-- KEYS: epoch, log, last, and, if the message has an id, the key of that id
-- ARGV: epoch for a new log, channel, entries to keep, ms to keep them, ms to keep last, header, data, ms to keep the id
-- Returns: epoch, entry id, 1 if it is a duplicate
if redis.replicate_commands then redis.replicate_commands() end -- otherwise Redis 6 refuses writes after TIME

local epoch = redis.call('GET', KEYS[1])
if not epoch then
  epoch = ARGV[1]
  redis.call('SET', KEYS[1], epoch)
end
if KEYS[4] then
  local known = redis.call('GET', KEYS[4])
  if known then return {epoch, known, 1} end
end

local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local last = redis.call('GET', KEYS[3])
local previous = last or string.format('%.0f', now - ARGV[5])
local id = '*'
if last and redis.call('EXISTS', KEYS[2]) == 0 then
  -- The log has expired, so XADD cannot notice that the clock was set back.
  local ms, seq = string.match(last, '^(%d+)-(%d+)$')
  if now <= tonumber(ms) then id = ms .. '-' .. string.format('%.0f', seq + 1) end
end

id = redis.call('XADD', KEYS[2], 'MAXLEN', '~', ARGV[3], id, 'p', previous, 'h', ARGV[6], 'd', ARGV[7])
redis.call('XTRIM', KEYS[2], 'MINID', '~', string.format('%.0f', now - ARGV[4]))
redis.call('PEXPIRE', KEYS[2], ARGV[4])
redis.call('SET', KEYS[3], id, 'PX', ARGV[5])
if KEYS[4] then redis.call('SET', KEYS[4], id, 'PX', ARGV[8]) end
redis.call('PUBLISH', ARGV[2],
  epoch .. ' ' .. previous .. ' ' .. id .. ' ' .. #ARGV[6] .. '\n' .. ARGV[6] .. ARGV[7])
return {epoch, id, 0}
