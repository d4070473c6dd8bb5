{ name ? "world" }: { greeting = "hello ${name}"; }
