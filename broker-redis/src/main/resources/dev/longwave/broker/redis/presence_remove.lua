-- Removes a member of a topic.
-- KEYS: leases, order, info
-- ARGV: id
redis.call('ZREM', KEYS[1], ARGV[1])
redis.call('ZREM', KEYS[2], ARGV[1])
redis.call('HDEL', KEYS[3], ARGV[1])
return 1
