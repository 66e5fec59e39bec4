-- Calls each command that the other scripts call, without effect, to check that all of them are allowed.
-- KEYS: a key that never exists
-- ARGV: a channel that nobody subscribes to, PUBLISH or SPUBLISH
-- Returns: 1, or the first error and the command that caused it
if redis.replicate_commands then redis.replicate_commands() end

local calls = {
  {'time'},
  {'get', KEYS[1]},
  {'mget', KEYS[1]},
  {'exists', KEYS[1]},
  {'xlen', KEYS[1]},
  {'xrange', KEYS[1], '-', '+', 'COUNT', 1},
  {'xrevrange', KEYS[1], '+', '-', 'COUNT', 1},
  {'set', KEYS[1], '', 'XX', 'PX', 1},
  {'pexpire', KEYS[1], 1},
  {'xadd', KEYS[1], 'NOMKSTREAM', '*', 'a', ''},
  {'xtrim', KEYS[1], 'MAXLEN', 0},
  {ARGV[2], ARGV[1], ''},
  {'zadd', KEYS[1], 'XX', 0, ''},
  {'zrem', KEYS[1], ''},
  {'zrange', KEYS[1], 0, 0},
  {'zrangebyscore', KEYS[1], 0, 0},
  {'zrangebylex', KEYS[1], '-', '-'},
  {'zscore', KEYS[1], ''},
  {'zcount', KEYS[1], 0, 0},
  {'hget', KEYS[1], ''},
  {'hgetall', KEYS[1]},
  {'del', KEYS[1]},
  {'hdel', KEYS[1], 'a'},
  {'hset', KEYS[1], 'a', ''}, -- has no form without effect, which the next one takes back
  {'hdel', KEYS[1], 'a'}
}
for _, call in ipairs(calls) do
  local reply = redis.pcall(unpack(call))
  if type(reply) == 'table' and reply.err then return {err = reply.err .. ' command=' .. string.lower(call[1])} end
end
return 1
