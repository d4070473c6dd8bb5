{
  users.mutableUsers = false;
  users.users.alice = { isNormalUser = true; hashedPasswordFile = "/run/secrets/alice"; };
}
