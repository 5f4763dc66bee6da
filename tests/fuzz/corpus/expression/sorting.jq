sort_by(.a, -.b) | group_by(.a) | map({a: .[0].a, n: length}) | unique_by(.n), (min_by(.n)), [limit(3; .[])]
