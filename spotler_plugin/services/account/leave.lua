-- Release the slot, and record how the call went.
redis.call('ZREM', slots, args.token)
redis.call('LPUSH', times, args.took_ms)
redis.call('LTRIM', times, 0, args.kept_calls - 1)
redis.call('PEXPIRE', times, args.keep_ms)
if args.pause_ms > 0 then
    local until_then = math.max(number('paused_until'), now + args.pause_ms)
    redis.call('HSET', state, 'paused_until', until_then)
end
if args.busy then
    redis.call('HSET', state, 'margin', math.min(2 * margin(), args.most_margin_ms), 'busy_at', now)
end
if args.good then
    redis.call('HSET', state, 'last_good', now)
    redis.call('HDEL', state, 'failures', 'opened', 'open_until', 'probe_until')
else
    local failures = redis.call('HINCRBY', state, 'failures', 1)
    if failures >= args.failures and number('open_until') <= now then
        local opened = redis.call('HINCRBY', state, 'opened', 1)
        local length = math.min(args.open_ms * 2 ^ (opened - 1), args.longest_open_ms)
        redis.call('HSET', state, 'open_until', now + length, 'probe_until', 0)
    end
end
redis.call('PEXPIRE', state, args.keep_ms)
return 1
