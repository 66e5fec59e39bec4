-- Says how a node keeps events, and how the others do.
-- KEYS: nodes
-- ARGV: the node, its settings, ms for which they count
-- Returns: for each node: its name, its settings
if redis.replicate_commands then redis.replicate_commands() end

local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
redis.call('HSET', KEYS[1], ARGV[1], string.format('%.0f', now) .. ' ' .. ARGV[2])
redis.call('PEXPIRE', KEYS[1], ARGV[3])

local all = redis.call('HGETALL', KEYS[1])
local reply = {}
for i = 1, #all, 2 do
  local said_at, settings = string.match(all[i + 1], '^(%d+) (.*)$')
  if said_at and now - said_at <= tonumber(ARGV[3]) then
    reply[#reply + 1] = all[i]
    reply[#reply + 1] = settings
  else
    redis.call('HDEL', KEYS[1], all[i])
  end
end
return reply
