(0 | todate), (1425599621 | strftime("%A %d %j %U %V")), ("2015-03-05T23:51:47Z" | strptime("%Y-%m-%dT%H:%M:%SZ") | mktime)
