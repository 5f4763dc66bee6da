[range(0; 10; 3)], first(range(5;0;-1)), [limit(3; repeat(1))], [while(. < 9; . + 4)?], [skip(1; 1, 2)], until(true; .)
