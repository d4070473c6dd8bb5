[ (placeholder "out") (placeholder "dev") (placeholder "") (builtins.placeholder "ž") ]
