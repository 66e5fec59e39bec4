-- Reads members whose leases have not ended, in the order of their ids.
-- KEYS: leases, order, info
-- ARGV: the id after which to begin, or empty; how many members to read
-- Returns: for each member: id, info
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local from = ARGV[1] == '' and '-' or '(' .. ARGV[1]
local wanted = tonumber(ARGV[2])
local portion = math.min(wanted, 500)
local reply = {}

while true do
  local ids = redis.call('ZRANGEBYLEX', KEYS[2], from, '+', 'LIMIT', 0, portion)
  for _, id in ipairs(ids) do
    local ends = redis.call('ZSCORE', KEYS[1], id)
    local info = redis.call('HGET', KEYS[3], id)
    if ends and info and tonumber(ends) > now then
      reply[#reply + 1] = id
      reply[#reply + 1] = info
      if #reply >= 2 * wanted then return reply end
    end
  end
  if #ids < portion then return reply end
  from = '(' .. ids[#ids]
end
