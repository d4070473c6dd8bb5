{
  users.groups.a = { };
  users.users.a = { isSystemUser = true; group = "a"; password = "x"; hashedPassword = "plain text"; };
  security.initialRootPassword = "$y$j9T$salt$hash";
  users.users.b = { isSystemUser = true; group = "a"; passwordFile = "/run/secrets/b"; pamMount.path = "/x"; };
}
