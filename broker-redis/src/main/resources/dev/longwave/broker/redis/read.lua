-- Reads from the log of a topic.
-- KEYS: epoch, log, last, erased
-- ARGV: epoch for a new log, epoch of the start or '', id to start from, id to skip or '', count from the end or 0, end,
--   maximum entries, maximum bytes of data and attributes, maximum bytes of the data of one entry
-- Returns: epoch, the server's time in ms, the newest entry's id or nil, 1 if the entry to skip exists, the id that
--   precedes the first entry from the start on (even if that is beyond the end) or nil, 1 if there are more entries up
--   to the end, the id up to which the topic was deleted or nil, and the entries, each as id, header with attributes,
--   data. Entries end before one that does not follow the one before it. Of data that is too long only a part is
--   returned, which is too long as well.
if redis.replicate_commands then redis.replicate_commands() end

local BATCH = 64

local function is_position(text)
  -- At most 18 digits, so that a reader can add one to it.
  local ms, seq = string.match(text, '^(%d+)%-(%d+)$')
  if not ms then ms, seq = string.match(text, '^(%d+)!?$'), '0' end
  return ms and #ms <= 18 and #seq <= 18
end

-- Whether publish.lua may have added the entry. Others are skipped, as no live message announced them.
local function is_ours(entry)
  local fields = entry[2]
  return fields[1] == 'p' and fields[3] == 'h' and fields[5] == 'd' and is_position(entry[1]) and is_position(fields[2])
end

local function attributes(entry)
  return entry[2][7] == 'a' and entry[2][8] or ''
end

-- The first entry of ours from there on, or nil.
local function first_from(from)
  local count = 1
  while true do
    local batch = redis.call('XRANGE', KEYS[2], from, '+', 'COUNT', count)
    for _, entry in ipairs(batch) do
      if is_ours(entry) then return entry end
    end
    if #batch < count then return nil end
    from = '(' .. batch[#batch][1]
    count = BATCH
  end
end

local epoch = redis.call('GET', KEYS[1])
if not epoch then
  epoch = ARGV[1]
  redis.call('SET', KEYS[1], epoch)
end
local time = redis.call('TIME')
local now = string.format('%.0f', time[1] * 1000 + math.floor(time[2] / 1000))

local from, beyond = ARGV[3], ARGV[4]
if ARGV[2] ~= '' and ARGV[2] ~= epoch then
  from, beyond = '-', ''
end
local count = tonumber(ARGV[5])
if count > 0 and count < redis.call('XLEN', KEYS[2]) then
  local newest = redis.call('XREVRANGE', KEYS[2], '+', '-', 'COUNT', count)
  from = newest[#newest][1]
end

local first = first_from(from)
local found = 0
if first and first[1] == beyond then
  found = 1
  from = '(' .. beyond
  first = first_from(from)
end

local most_entries, most_bytes, longest = tonumber(ARGV[7]), tonumber(ARGV[8]), tonumber(ARGV[9])
local entries, bytes, more = {}, 0, 0
while more == 0 do
  local batch = redis.call('XRANGE', KEYS[2], from, ARGV[6], 'COUNT', BATCH)
  for _, entry in ipairs(batch) do
    if is_ours(entry) then
      local fields = entry[2]
      local data = string.sub(fields[6], 1, longest + 1)
      local size = #data + #attributes(entry)
      local follows = #entries == 0 or fields[2] == entries[#entries][1]
      if not follows or #entries == most_entries or (#entries > 0 and bytes + size > most_bytes) then
        more = 1
        break
      end
      bytes = bytes + size
      entries[#entries + 1] = {entry[1], fields[4] .. attributes(entry), data}
    end
  end
  if #batch < BATCH then break end
  from = '(' .. batch[#batch][1]
end
return {
  epoch, now, redis.call('GET', KEYS[3]), found, first and first[2][2] or false, more, redis.call('GET', KEYS[4]), entries
}
