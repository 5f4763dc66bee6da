def f(g; $x): def h: g | . + $x; [h, f(g; $x + 1)?]; def fac: if . < 2 then 1 else . * (. - 1 | fac) end; 5 | fac
