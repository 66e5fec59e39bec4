-- Reads the newest entry id of several topics of one bucket.
-- KEYS: epoch, and last of each topic
-- ARGV: epoch for a new log
-- Returns: epoch, the server's time in ms, and for each topic the newest entry's id or nil
if redis.replicate_commands then redis.replicate_commands() end

local epoch = redis.call('GET', KEYS[1])
if not epoch then
  epoch = ARGV[1]
  redis.call('SET', KEYS[1], epoch)
end
local time = redis.call('TIME')
local now = string.format('%.0f', time[1] * 1000 + math.floor(time[2] / 1000))
return {epoch, now, redis.call('MGET', unpack(KEYS, 2))}
