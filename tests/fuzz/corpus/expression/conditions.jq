if . then 1 elif .a? then 2 else 3 end, (.a? and .b? or not), (. == {} | not), [.[]? | select(. != null)]
