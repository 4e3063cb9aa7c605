-- The beginning of both enter.lua and leave.lua: arguments by name, the time, the keys.
local args = cjson.decode(ARGV[1])
local now = args.now_ms
if now < 0 then
    -- The clock of Redis, in milliseconds.
    local time = redis.call('TIME')
    now = time[1] * 1000 + math.floor(time[2] / 1000)
end
local state, calls, slots, times = KEYS[1], KEYS[2], KEYS[3], KEYS[4]
-- What is no number counts as nothing.
local function number(name) return tonumber(redis.call('HGET', state, name) or 0) or 0 end
-- How much longer than a second one is counted: more after Spotler said that calls are too many.
local function margin()
    local told = now - number('busy_at') < args.margin_kept_ms and number('margin') or 0
    return math.max(args.margin_ms, told)
end
