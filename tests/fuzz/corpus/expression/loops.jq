reduce .[] as [$a, {b: $c}] (0; . + $a) , [foreach range(5) as $i (0; . + $i; [$i, .])]
