toString [1 [2 []] [] "a" null true false]
