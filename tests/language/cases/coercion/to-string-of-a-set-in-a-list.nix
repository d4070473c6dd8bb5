toString [ { } ]
