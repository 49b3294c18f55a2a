"""What Redis does in one go: the log's scripts. Each takes its keys from one slot of a cluster.

The log is one stream. Every entry names the entry before it (`prev`), so that a reader sees by the next
entry whether it missed any, and its running number (`n`), so that a backlog need not be counted. The group
`.began` is read by nobody: its place is the id that the log began with, another one after data were lost.
"""

from dataclasses import dataclass, field
from hashlib import sha1


@dataclass(frozen=True, slots=True)
class Script:
    """Lua with the name by which Redis knows it."""

    source: str
    sha: str = field(init=False)

    def __post_init__(self) -> None:
        digest = sha1(self.source.encode(), usedforsecurity=False).hexdigest()
        object.__setattr__(self, "sha", digest)


_SHARED = """
local function named(flat, name)
  for i = 1, #flat, 2 do
    if flat[i] == name then return flat[i + 1] end
  end
  return ''
end
local function pair(id)
  local ms, n = string.match(id, '^(%d+)-(%d+)$')
  return tonumber(ms), tonumber(n)
end
local function before(a, b)
  local a_ms, a_n = pair(a)
  local b_ms, b_n = pair(b)
  return a_ms < b_ms or (a_ms == b_ms and a_n < b_n)
end
local function now_ms()
  local now = redis.call('TIME')
  return now[1] * 1000 + math.floor(now[2] / 1000)
end
local function next_id(last, floor)  -- behind both, and not earlier than the clock
  if before(last, floor) then last = floor end
  local ms, n = pair(last)
  local now = now_ms()
  if now > ms then return string.format('%.0f-0', now) end
  return string.format('%.0f-%.0f', ms, n + 1)
end
local function began(events, floor)
  if redis.call('EXISTS', events) == 1 then
    for _, group in ipairs(redis.call('XINFO', 'GROUPS', events)) do
      if named(group, 'name') == '.began' then return named(group, 'last-delivered-id') end
    end
  end
  local id = next_id('0-0', floor)
  redis.call('XGROUP', 'CREATE', events, '.began', id, 'MKSTREAM')
  return id
end
local function newest(events, floor)
  local last = redis.call('XREVRANGE', events, '+', '-', 'COUNT', 1)[1]
  if last then return last[1], tonumber(named(last[2], 'n')) end
  return began(events, floor), 0
end
local function append(events, floor, length, type, version, data, only)
  local last, n = newest(events, floor)
  -- The newest entries were lost: whoever read them, or did not, finds no entry behind what it knows.
  if before(last, floor) then last = next_id(last, floor) end
  return redis.call('XADD', events, 'MAXLEN', '=', length, next_id(last, last), 'type', type,
    'v', version, 'data', data, 'prev', last, 'n', n + 1, 'only', only)
end
"""

#: events · floor, length, type, version, data → id
APPEND = Script(
    _SHARED + "return append(KEYS[1], ARGV[1], ARGV[2], ARGV[3], ARGV[4], ARGV[5], '')",
)

#: events · floor → id of the newest entry that is for everybody
LAST = Script(
    _SHARED
    + """
local oldest
for _, count in ipairs({1, 1000, 1000000}) do
  for _, entry in ipairs(redis.call('XREVRANGE', KEYS[1], '+', '-', 'COUNT', count)) do
    if named(entry[2], 'only') == '' then return entry[1] end
    oldest = entry
  end
  if not oldest then return began(KEYS[1], ARGV[1]) end
end
return named(oldest[2], 'prev')
"""
)

#: events · floor, since, count → entries behind `since`, the newest entry's id
AFTER = Script(
    _SHARED
    + """
local entries = redis.call('XRANGE', KEYS[1], '(' .. ARGV[2], '+', 'COUNT', ARGV[3])
local last = #entries > 0 and entries[#entries][1] or newest(KEYS[1], ARGV[1])
return {entries, last}
"""
)

#: events · floor, group, consumer, count, idle ms (-1: look for no idle entries),
#: gap that the consumer knows of, beginning and place that it saw last
#: → beginning, place, gap (0-0 = none, otherwise nothing was read),
#:   claimed entries as (id, fields, tries, who had it), new entries
#: What was lost is told until a consumer comes back knowing it: one that ends before has told nobody.
READ = Script(
    _SHARED
    + """
local events, group, consumer, count = KEYS[1], ARGV[2], ARGV[3], tonumber(ARGV[4])
local idle_ms, known_gap, known_began, known_place = tonumber(ARGV[5]), ARGV[6], ARGV[7], ARGV[8]
local beginning = began(events, ARGV[1])
local oldest = redis.call('XRANGE', events, '-', '+', 'COUNT', 1)[1]
local reach = oldest and named(oldest[2], 'prev') or beginning
local place
for _, other in ipairs(redis.call('XINFO', 'GROUPS', events)) do
  if named(other, 'name') == group then place = named(other, 'last-delivered-id') end
end
if not place then
  redis.call('XGROUP', 'CREATE', events, group, reach)
  place = reach
end
-- Redis 7.0 takes no note of a consumer that finds nothing new, but of one that asks for what it holds.
redis.call('XREADGROUP', 'GROUP', group, consumer, 'COUNT', 1, 'STREAMS', events, '9223372036854775807-0')

local idle, lost = {}, {}
if idle_ms >= 0 then
  for _, entry in ipairs(redis.call('XPENDING', events, group, 'IDLE', idle_ms, '-', '+', 1000)) do
    local there = redis.call('XRANGE', events, entry[1], entry[1])[1]
    if there then idle[#idle + 1] = entry else lost[#lost + 1] = entry[1] end
  end
end
local gap = '0-0'
if (known_began ~= beginning and known_began ~= '') or before(place, known_place) then gap = place end
if before(place, reach) and before(known_gap, reach) then gap = reach end
for _, id in ipairs(lost) do
  if before(known_gap, id) and before(gap, id) then gap = id end
end
if gap ~= '0-0' then return {beginning, place, gap, {}, {}} end
for _, id in ipairs(lost) do redis.call('XACK', events, group, id) end

local wanted, tries, owner = 0, {}, {}
for _, entry in ipairs(idle) do
  if wanted == count or (entry[4] >= 2 and wanted > 0) then break end
  wanted = wanted + 1
  tries[entry[1]], owner[entry[1]] = entry[4] + 1, entry[2]
  if entry[4] >= 2 then break end
end
local claimed, alone = {}, false
if wanted > 0 then
  local answer = redis.call('XAUTOCLAIM', events, group, consumer, idle_ms, idle[1][1], 'COUNT', wanted)
  for _, entry in ipairs(answer[2]) do
    claimed[#claimed + 1] = {entry[1], entry[2], tries[entry[1]], owner[entry[1]]}
    alone = alone or tries[entry[1]] > 2
  end
end

local new = {}
if not alone and count > #claimed then
  local answer = redis.call('XREADGROUP', 'GROUP', group, consumer, 'COUNT', count - #claimed,
    'STREAMS', events, '>')
  for _, entry in ipairs(answer and answer[1][2] or {}) do
    local only = named(entry[2], 'only')
    if only == '' or only == group then
      new[#new + 1] = entry
    else
      redis.call('XACK', events, group, entry[1])
    end
    place = entry[1]
  end
end
return {beginning, place, gap, claimed, new}
"""
)

#: events · group, consumer, ids… → the entries that the consumer still has start to be idle anew
HOLD = Script("""
for i = 3, #ARGV do
  local mine = redis.call('XPENDING', KEYS[1], ARGV[1], ARGV[i], ARGV[i], 1, ARGV[2])
  if #mine > 0 then redis.call('XCLAIM', KEYS[1], ARGV[1], ARGV[2], 0, ARGV[i], 'JUSTID') end
end
""")

#: events · group, ids…
DONE = Script("return redis.call('XACK', KEYS[1], ARGV[1], unpack(ARGV, 2))")

#: events, dead · group, id, most letters, the letter's fields… → only what is still pending is set aside
SET_ASIDE = Script("""
if redis.call('XACK', KEYS[1], ARGV[1], ARGV[2]) == 0 then return 0 end
redis.call('XADD', KEYS[2], 'MAXLEN', '=', ARGV[3], '*', unpack(ARGV, 4))
return 1
""")

#: dead · count → letters, newest first
LETTERS = Script("return redis.call('XREVRANGE', KEYS[1], '+', '-', 'COUNT', ARGV[1])")

#: dead · id → how many letters that were
DROP = Script("return redis.call('XDEL', KEYS[1], ARGV[1])")

#: dead, events · floor, length, id → the event's new id, nil where the letter is gone
REPLAY = Script(
    _SHARED
    + """
local letter = redis.call('XRANGE', KEYS[1], ARGV[3], ARGV[3])[1]
if not letter then return false end
local fields = letter[2]
local id = append(KEYS[2], ARGV[1], ARGV[2], named(fields, 'type'), named(fields, 'v'),
  named(fields, 'data'), named(fields, 'group'))
redis.call('XDEL', KEYS[1], ARGV[3])
return id
"""
)

#: events → for each group: name, backlog, pending, ms since its oldest pending entry (-1 = none),
#: consumers as (name, pending, idle ms)
REPORTS = Script(
    _SHARED
    + """
if redis.call('EXISTS', KEYS[1]) == 0 then return {} end
local last = redis.call('XREVRANGE', KEYS[1], '+', '-', 'COUNT', 1)[1]
local reports = {}
for _, group in ipairs(redis.call('XINFO', 'GROUPS', KEYS[1])) do
  local name = named(group, 'name')
  if name ~= '.began' then
    local backlog, age, consumers = 0, -1, {}
    local behind = '(' .. named(group, 'last-delivered-id')
    local first = redis.call('XRANGE', KEYS[1], behind, '+', 'COUNT', 1)[1]
    if first then backlog = named(last[2], 'n') - named(first[2], 'n') + 1 end
    local oldest = redis.call('XPENDING', KEYS[1], name, '-', '+', 1)[1]
    if oldest then age = math.max(0, now_ms() - pair(oldest[1])) end
    for _, consumer in ipairs(redis.call('XINFO', 'CONSUMERS', KEYS[1], name)) do
      consumers[#consumers + 1] =
        {named(consumer, 'name'), named(consumer, 'pending'), named(consumer, 'idle')}
    end
    reports[#reports + 1] = {name, backlog, named(group, 'pending'), age, consumers}
  end
end
return reports
"""
)

#: events · idle ms → names of the consumers that were forgotten
REMOVE = Script(
    _SHARED
    + """
local removed = {}
if redis.call('EXISTS', KEYS[1]) == 0 then return removed end
for _, group in ipairs(redis.call('XINFO', 'GROUPS', KEYS[1])) do
  local name = named(group, 'name')
  for _, consumer in ipairs(redis.call('XINFO', 'CONSUMERS', KEYS[1], name)) do
    if named(consumer, 'pending') == 0 and named(consumer, 'idle') >= tonumber(ARGV[1]) then
      redis.call('XGROUP', 'DELCONSUMER', KEYS[1], name, named(consumer, 'name'))
      removed[#removed + 1] = named(consumer, 'name')
    end
  end
end
return removed
"""
)
