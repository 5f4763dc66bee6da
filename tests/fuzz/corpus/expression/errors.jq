try error({a: 1}) catch .a, (try (1 | .[]) catch .), [.[]?], (error("x")?) // "none"
