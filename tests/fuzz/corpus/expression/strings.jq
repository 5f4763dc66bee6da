"a\u00e9\ud83d\ude00\n" | explode, (explode | implode), ascii_downcase, .[1:-1], ltrimstr("a"), ([.] | join("-")), . * 3
