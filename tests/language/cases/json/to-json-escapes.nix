builtins.toJSON "\" \\ / \n\t\r é 日 $"
