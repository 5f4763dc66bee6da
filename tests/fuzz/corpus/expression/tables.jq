INDEX(.[]?; .id?), [JOIN({"1": 2}; [1, 2][]; tostring)], IN(1, 2), any(.[]?; .), ([[1, 2], [3]] | transpose, combinations, flatten)
