let greet = { name, greeting ? "hello" }: "${greeting} ${name}"; in greet { greting = "hi"; name = "x"; }
