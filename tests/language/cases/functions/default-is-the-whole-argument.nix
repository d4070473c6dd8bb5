({a?args,...}@args: a) {q=1;}
