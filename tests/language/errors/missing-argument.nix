let service = { name, port ? 80, ... }: "${name}:${toString port}";
in map service [ { name = "a"; } { nmae = "b"; } ]
