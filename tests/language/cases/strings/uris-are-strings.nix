[ http://example.org/a?b=c&d=%20 mailto:a@b.c a:b x-y+z.0:'q' ]
