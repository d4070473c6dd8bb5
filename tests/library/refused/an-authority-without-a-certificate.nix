{ security.pki = { certificateFiles = [ ../configurations/keys/authority.pub ]; certificates = [ "MIIB" ]; }; }
