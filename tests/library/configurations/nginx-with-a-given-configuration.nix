{ services.nginx = { enable = true; config = "events { }\nhttp { }\n"; }; }
