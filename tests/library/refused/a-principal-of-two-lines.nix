{ users.users.a = { isNormalUser = true; openssh.authorizedPrincipals = [ "a\nb" ]; }; }
