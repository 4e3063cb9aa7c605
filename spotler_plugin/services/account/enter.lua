-- Take a slot and count the call, or return how many ms to wait before asking again, and why.
local rate, most = args.calls_per_second, args.parallel_calls
local seen = number('person')
if args.person then redis.call('HSET', state, 'person', now)
elseif now - seen < args.person_ms then
    -- A person called recently: large runs leave one call and one slot free.
    if rate > 1 then rate = rate - 1 end
    if most > 1 then most = most - 1 end
end
local paused = number('paused_until')
-- A person's call is always tried: Spotler answers it, or says again that we are to wait.
if paused > now and not args.person then return {paused - now, 'pause'} end
local broken = number('failures') >= args.failures
if broken then
    local open = number('open_until')
    if open > now then return {open - now, 'circuit'} end
    if number('probe_until') > now then return {args.poll_ms, 'circuit'} end
end
redis.call('ZREMRANGEBYSCORE', slots, '-inf', now)
if most > 0 and redis.call('ZCARD', slots) >= most then
    return {args.poll_ms, 'slots'}
end
if rate > 0 then
    local oldest = tonumber(redis.call('LINDEX', calls, rate - 1) or 0)
    local free = oldest + args.second_ms + margin()
    if free > now then return {free - now, 'pace'} end
    redis.call('LPUSH', calls, now)
    redis.call('LTRIM', calls, 0, args.calls_per_second - 1)
    redis.call('PEXPIRE', calls, 2 * (args.second_ms + args.most_margin_ms))
end
redis.call('ZADD', slots, now + args.slot_ms, args.token)
redis.call('PEXPIRE', slots, args.slot_ms)
if broken then redis.call('HSET', state, 'probe_until', now + args.slot_ms) end
redis.call('PEXPIRE', state, args.keep_ms)
return {0, ''}
