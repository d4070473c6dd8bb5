with builtins; [ (functionArgs ({ a, b ? 1, ... }: a)) (functionArgs (x: x)) (functionArgs ({ }: 1)) (functionArgs ({ __functor = self: { a }: a; __functionArgs = { z = true; }; }.__functor 0)) ]
