[match("(?<x>a+)|b"; "g").captures[].string], test("\\d{2,}$"; "ix"), gsub("(?<l>[a-z])"; "<\(.l)>"), [splits(", *")]
