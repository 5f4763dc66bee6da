tostream, fromstream(1 | truncate_stream([[0], 1], [[1, 0], 2], [[1, 0]], [[1]])), (tojson | fromjson), walk(if type == "array" then sort else . end)
