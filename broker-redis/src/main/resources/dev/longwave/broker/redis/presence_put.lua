-- Adds or renews members of a topic.
-- KEYS: leases (ids by the time at which they end), order (the same ids, in their own order), info (by id)
-- ARGV: ms that the leases last, and for each member: id, info
if redis.replicate_commands then redis.replicate_commands() end -- otherwise Redis 6 refuses writes after TIME

local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local ends = string.format('%.0f', now + ARGV[1])

-- Expired leases are removed a few at a time, by those that come.
for _, id in ipairs(redis.call('ZRANGEBYSCORE', KEYS[1], '-inf', string.format('%.0f', now), 'LIMIT', 0, 100)) do
  redis.call('ZREM', KEYS[1], id)
  redis.call('ZREM', KEYS[2], id)
  redis.call('HDEL', KEYS[3], id)
end

for member = 2, #ARGV, 2 do
  redis.call('ZADD', KEYS[1], ends, ARGV[member])
  redis.call('ZADD', KEYS[2], 0, ARGV[member])
  redis.call('HSET', KEYS[3], ARGV[member], ARGV[member + 1])
end

-- The topic expires with its last lease.
local last = redis.call('ZRANGE', KEYS[1], -1, -1, 'WITHSCORES')[2]
local left = math.max(1, math.ceil(last - now))
for i = 1, 3 do redis.call('PEXPIRE', KEYS[i], string.format('%.0f', left)) end
return 1
