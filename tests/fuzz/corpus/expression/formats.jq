@base64 "\(.a)-\(1)", @csv "\([1, "a"])", (@uri | @urid), @sh, @html, ("YWI=" | @base64d)
