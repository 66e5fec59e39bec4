-- Deletes the log of a topic. What is published later has later positions.
-- KEYS: epoch, log, last, erased
-- ARGV: epoch for a new log, channel, ms to keep last and erased, PUBLISH or SPUBLISH
-- Returns: epoch, the id up to which the topic is deleted
if redis.replicate_commands then redis.replicate_commands() end

local epoch = redis.call('GET', KEYS[1])
if not epoch then
  epoch = ARGV[1]
  redis.call('SET', KEYS[1], epoch)
end
local last = redis.call('GET', KEYS[3])
redis.call('DEL', KEYS[2])
if last then
  redis.call('SET', KEYS[3], last, 'PX', ARGV[3])
  redis.call('SET', KEYS[4], last, 'PX', ARGV[3])
else
  -- Nothing is known of the topic: see LogPage.
  local time = redis.call('TIME')
  last = string.format('%.0f', time[1] * 1000 + math.floor(time[2] / 1000) - ARGV[3] / 2)
end
redis.call(ARGV[4], ARGV[2], '! ' .. epoch .. ' ' .. last)
return {epoch, last}
