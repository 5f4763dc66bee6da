[paths(type == "number")], path(.a[1:].b?, ..), getpath(["a", 0]), pick(.a.b)
