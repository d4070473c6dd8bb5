(args@{a?1,...}: args) {q=1;}
