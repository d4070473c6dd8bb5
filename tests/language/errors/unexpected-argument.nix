let service = { name, port ? 80 }: "${name}:${toString port}";
in service { name = "a"; prot = 81; }
