(1).b or 2
