let version = "1.0"; in
assert version != "1.0" && true;
version
