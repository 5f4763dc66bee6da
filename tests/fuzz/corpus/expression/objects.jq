{a: 1, "b": 2, ("c" + "d"): 3, $__loc__, @json "x": 4, "e\(1)": (5, 6)} | to_entries, with_entries(.value |= tostring), keys
