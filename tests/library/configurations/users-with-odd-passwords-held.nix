{
  users.mutableUsers = false;
  users.groups.a = { };
  users.users.a = { isSystemUser = true; group = "a"; initialPassword = "x"; hashedPassword = "!"; initialHashedPassword = "*"; };
}
